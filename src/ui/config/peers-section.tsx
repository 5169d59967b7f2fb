import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { answered, api, type Schemas } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { ConfirmButton } from '../shared/confirm-button.tsx';
import { DataTable } from '../shared/data-table.tsx';
import { Read } from '../shared/read.tsx';
import { strings } from '../strings.ts';
import { ConnectionTest } from './connection-test.tsx';
import { PeerDialog } from './peer-dialog.tsx';

const words = strings.config.peers;

type Peer = Schemas['Peer'];

/** DICOM nodes that are known: effective at once, each by itself. */
export function PeersSection() {
  const queries = useQueryClient();
  const [edited, edit] = useState<Peer | 'new'>();
  const query = useQuery({
    queryKey: ['peers'],
    queryFn: ({ signal }) => answered(api.GET('/api/peers', { signal })),
  });
  const refresh = () => void queries.invalidateQueries({ queryKey: ['peers'] });
  return (
    <Stack>
      <Text c="dimmed">{words.about}</Text>
      <Read query={query}>
        {(peers) => (
          <div className="table-card">
            <DataTable
              caption={words.title}
              rows={peers}
              keyOf={({ aeTitle }) => aeTitle}
              empty={words.none}
              columns={[
                { header: words.aeTitle, cell: ({ aeTitle }) => <span className="mono">{aeTitle}</span> },
                { header: words.address, cell: ({ host, port }) => (port === undefined ? host : `${host}:${port}`) },
                { header: words.tls, cell: ({ tls }) => (tls === undefined ? words.noTls : words.withTls) },
                {
                  header: words.may,
                  cell: ({ may = [] }) => (
                    <Group gap={4}>
                      {may.map((one) => (
                        <Badge key={one} color={colors.waiting} size="sm">
                          {words.rights[one]}
                        </Badge>
                      ))}
                    </Group>
                  ),
                },
                { header: words.test, cell: (peer) => <Echo peer={peer} /> },
                {
                  header: words.change,
                  cell: (peer) =>
                    peer.origin === 'configuration' ? (
                      <span className="dim">{words.ofConfiguration}</span>
                    ) : (
                      <Group gap="xs">
                        <Button
                          variant="default"
                          size="sm"
                          leftSection={<Pencil size={14} aria-hidden="true" />}
                          aria-label={words.editNamed(peer.aeTitle)}
                          onClick={() => edit(peer)}
                        >
                          {words.edit}
                        </Button>
                        <ConfirmButton
                          label={strings.remove}
                          icon={<Trash2 size={14} aria-hidden="true" />}
                          title={strings.removeNamed(peer.aeTitle)}
                          question={words.removeQuestion(peer.aeTitle)}
                          act={() =>
                            answered(
                              api.DELETE('/api/peers/{aeTitle}', { params: { path: { aeTitle: peer.aeTitle } } }),
                            )
                          }
                          then={refresh}
                        />
                      </Group>
                    ),
                },
              ]}
            />
          </div>
        )}
      </Read>
      <div>
        <Button variant="default" leftSection={<Plus size={16} aria-hidden="true" />} onClick={() => edit('new')}>
          {words.add}
        </Button>
      </div>
      <PeerDialog edited={edited} close={() => edit(undefined)} saved={refresh} />
    </Stack>
  );
}

function Echo({ peer }: { readonly peer: Peer }) {
  return (
    <ConnectionTest
      key={JSON.stringify(peer)}
      of={peer.aeTitle}
      test={async () => {
        const { reached, durationMs, error } = await answered(
          api.POST('/api/peers/{aeTitle}/echo', { params: { path: { aeTitle: peer.aeTitle } } }),
        );
        const answer = reached ? words.took(wholeNumber(Math.round(durationMs))) : (error ?? '');
        return { ok: reached, steps: [{ what: words.echo, ok: reached, answer }] };
      }}
    />
  );
}
