import { Alert, Button, List, Stack } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { ApiError, inWords } from '../api.ts';
import { strings } from '../strings.ts';

interface FailureProps {
  readonly error: unknown;
  readonly title?: string;
  readonly retry?: () => void;
}

/** What went wrong, in the words of who said no. */
export function Failure({ error, title, retry }: FailureProps) {
  const faults = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<CircleAlert size={18} aria-hidden="true" />}
      title={title ?? strings.errors.title}
      styles={{ message: { color: 'var(--mantine-color-text)' }, title: { color: 'var(--mantine-color-error)' } }}
    >
      <Stack gap="xs" align="flex-start">
        {inWords(error)}
        {faults.length > 0 && (
          <List size="sm">
            {faults.map(({ path, message }) => (
              <List.Item key={`${path} ${message}`}>
                <code>{path}</code> {message}
              </List.Item>
            ))}
          </List>
        )}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {strings.tryAgain}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
