import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Check, PlugZap, X } from 'lucide-react';
import type { Schemas } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';

interface ConnectionTestProps {
  /** For who cannot see what it stands beside. */
  readonly of: string;
  readonly test: () => Promise<Schemas['ConnectionTest']>;
}

/**
 * Would it take what is sent to it? Step by step, until the first that failed. Has the key of what is tested, so that what was
 * said of something else is gone.
 */
export function ConnectionTest({ of, test }: ConnectionTestProps) {
  const testing = useMutation({ mutationFn: test });
  return (
    <Stack gap="xs">
      <div>
        <Button
          variant="default"
          leftSection={<PlugZap size={16} aria-hidden="true" />}
          loading={testing.isPending}
          aria-label={strings.test.of(of)}
          onClick={() => testing.mutate()}
        >
          {strings.test.title}
        </Button>
      </div>
      {testing.error && <Failure error={testing.error} />}
      {testing.data && (
        <div role="status">
          <Text fw={600} size="sm" className={testing.data.ok ? 's-SUCCESS' : 's-FAILED'}>
            {testing.data.ok ? strings.test.ok : strings.test.failed}
          </Text>
          <ol className="steps">
            {testing.data.steps.map(({ what, ok, answer }) => (
              <li key={what}>
                <Group gap={8} wrap="nowrap" align="flex-start">
                  <span className={ok ? 's-SUCCESS' : 's-FAILED'}>
                    {ok ? (
                      <Check size={16} aria-label={strings.test.stepOk} />
                    ) : (
                      <X size={16} aria-label={strings.test.stepFailed} />
                    )}
                  </span>
                  <span>
                    {what} <span className="dim">{answer}</span>
                  </span>
                </Group>
              </li>
            ))}
          </ol>
        </div>
      )}
    </Stack>
  );
}
