import { ActionIcon, Tooltip } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { strings } from '../strings.ts';

/** @param what for who cannot see what it stands beside */
export function CopyButton({ value, what }: { readonly value: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await writeClipboard(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  }
  const label = copied ? strings.copied : strings.copy(what);
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="md" aria-label={label} onClick={() => void copy()}>
        {copied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Pages that come by plain HTTP from another machine have no clipboard but the old one. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('readonly', '');
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
