import { Alert, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import type { Schemas } from '../api.ts';
import { isOutdatedBy } from '../outdated.ts';
import { Failure } from '../shared/failure.tsx';
import { PageTitle, type PathStep } from '../shared/page-title.tsx';
import { strings } from '../strings.ts';

interface PublishingTitleProps {
  readonly title: string;
  readonly path: readonly PathStep[];
  readonly status: Schemas['PublishingStatus'];
  readonly failure: string | undefined;
  /** What is said where nothing has failed. */
  readonly note?: string | undefined;
  readonly retry: () => Promise<unknown>;
}

/** The head of the page of a graph or a task: what has gone wrong, and the button that tries it again. */
export function PublishingTitle({ title, path, status, failure, note, retry }: PublishingTitleProps) {
  const queries = useQueryClient();
  const retrying = useMutation({
    mutationFn: retry,
    onSuccess: () => queries.invalidateQueries({ predicate: isOutdatedBy('task') }),
  });
  return (
    <>
      <PageTitle
        path={path}
        actions={
          status !== 'SUCCESS' && (
            <Button
              leftSection={<RotateCw size={16} aria-hidden="true" />}
              loading={retrying.isPending}
              onClick={() => retrying.mutate()}
            >
              {strings.actions.retry}
            </Button>
          )
        }
      >
        {title}
      </PageTitle>
      {retrying.error && <Failure error={retrying.error} />}
      {(failure ?? note) !== undefined && (
        <Alert
          color={failure === undefined ? 'gray' : 'red'}
          mb="md"
          title={failure === undefined ? strings.note : strings.columns.failure}
          styles={{ message: { color: 'var(--mantine-color-text)' } }}
        >
          {failure ?? note}
        </Alert>
      )}
    </>
  );
}
