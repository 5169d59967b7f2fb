import { Anchor, Breadcrumbs, Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { strings } from '../strings.ts';

export interface PathStep {
  readonly label: string;
  readonly to: string;
}

interface PageTitleProps {
  readonly children: ReactNode;
  /** From the top down to what stands above this page. */
  readonly path?: readonly PathStep[];
  readonly actions?: ReactNode;
}

export function PageTitle({ children, path = [], actions }: PageTitleProps) {
  return (
    <Stack gap={6} mb="md">
      {path.length > 0 && (
        <nav aria-label={strings.shell.path} className="path">
          <Breadcrumbs separator="›" separatorMargin={6} style={{ flexWrap: 'wrap' }}>
            {path.map(({ label, to }) => (
              <Anchor key={to} component={Link} to={to} size="sm">
                {label}
              </Anchor>
            ))}
          </Breadcrumbs>
        </nav>
      )}
      <Group justify="space-between" gap="sm">
        <Title order={1} size="h2">
          {children}
        </Title>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
    </Stack>
  );
}
