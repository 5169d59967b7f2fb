import { Button } from '@mantine/core';
import { Eye } from 'lucide-react';
import { strings } from '../strings.ts';

/** Beside the page: in its place the viewer would end uploads and throw drafts away. */
export function ViewerButton({ href }: { readonly href: string }) {
  return (
    <Button
      component="a"
      href={href}
      target="_blank"
      rel="noreferrer"
      leftSection={<Eye size={16} aria-hidden="true" />}
    >
      {strings.actions.view}
    </Button>
  );
}
