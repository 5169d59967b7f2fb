import { Button, Group, Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { History, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { answered, api, type Schemas } from '../api.ts';
import { moment } from '../format.ts';
import { ConfirmButton } from '../shared/confirm-button.tsx';
import { DataTable } from '../shared/data-table.tsx';
import { Failure } from '../shared/failure.tsx';
import { Loading } from '../shared/loading.tsx';
import { Pager } from '../shared/pager.tsx';
import { Read } from '../shared/read.tsx';
import { useTablePage } from '../shared/use-table-page.ts';
import { strings } from '../strings.ts';
import { ChangedValues } from './changed-values.tsx';

const words = strings.config.history;

type Version = Schemas['ConfigurationVersion'];

/** Who changed what when, and the way back from the version that is there. @param etag of the one that is there */
export function HistorySection({ etag }: { readonly etag: string | undefined }) {
  const queries = useQueryClient();
  const [page, go] = useState({ offset: 0, limit: 25 });
  const [shown, show] = useState<Version>();
  const { error, refetch, table, pager } = useTablePage({
    queryKey: ['versions', page],
    page,
    read: (signal) => answered(api.GET('/api/config/versions', { params: { query: page }, signal })),
  });
  function refresh(): void {
    void queries.invalidateQueries({ queryKey: ['versions'] });
    void queries.invalidateQueries({ queryKey: ['configuration'] });
  }
  if (table.rows === undefined) return error ? <Failure error={error} retry={() => void refetch()} /> : <Loading />;
  return (
    <>
      {error && <Failure error={error} retry={() => void refetch()} />}
      <div className="table-card">
        <DataTable
          caption={words.title}
          rows={table.rows}
          isOld={table.isOld}
          keyOf={({ version }) => String(version)}
          columns={[
            { header: words.version, className: 'number', cell: ({ version }) => version },
            { header: words.at, className: 'nowrap', cell: ({ at }) => moment(at) },
            { header: words.by, cell: ({ by }) => by },
            { header: words.comment, cell: ({ comment }) => comment },
            {
              header: words.actions,
              cell: (one) => (
                <Group gap="xs">
                  <Button
                    size="sm"
                    variant="default"
                    leftSection={<History size={14} aria-hidden="true" />}
                    aria-label={words.showNamed(one.version)}
                    onClick={() => show(one)}
                  >
                    {words.show}
                  </Button>
                  <ConfirmButton
                    label={words.restore}
                    icon={<RotateCcw size={14} aria-hidden="true" />}
                    title={words.restoreNamed(one.version)}
                    question={words.restoreQuestion}
                    act={() =>
                      answered(
                        api.POST('/api/config/versions/{version}/restore', {
                          params: {
                            path: { version: one.version },
                            header: etag === undefined ? {} : { 'If-Match': etag },
                          },
                        }),
                        // Also where it was refused, as somebody else may have been quicker.
                      ).finally(refresh)
                    }
                  />
                </Group>
              ),
            },
          ]}
        />
        {pager && <Pager {...pager} go={go} />}
      </div>
      <Modal
        opened={shown !== undefined}
        onClose={() => show(undefined)}
        title={words.showNamed(shown?.version ?? 0)}
        size="xl"
        closeButtonProps={{ 'aria-label': strings.close }}
      >
        {shown && <Changes version={shown.version} />}
      </Modal>
    </>
  );
}

function useVersion(version: number) {
  return useQuery({
    queryKey: ['versions', 'one', version],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/config/versions/{version}', { params: { path: { version } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: version >= 0,
  });
}

/** What a version changed of the one before it. */
function Changes({ version }: { readonly version: number }) {
  const isFirst = version === 0;
  const now = useVersion(version);
  const before = useVersion(version - 1);
  return (
    <Read query={now}>
      {({ configuration: to }) =>
        isFirst ? (
          <ChangedValues from={{}} to={to} told={words.changes} />
        ) : (
          // Against nothing, everything would have been changed.
          <Read query={before}>
            {({ configuration: from }) => <ChangedValues from={from} to={to} told={words.changes} />}
          </Read>
        )
      }
    </Read>
  );
}
