import { Badge, Button, Checkbox, Group, Modal, NativeSelect, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { answered, answeredWithEtag, api, type Schemas } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { ConfirmButton } from '../shared/confirm-button.tsx';
import { DataTable } from '../shared/data-table.tsx';
import { Failure } from '../shared/failure.tsx';
import { Read } from '../shared/read.tsx';
import { strings } from '../strings.ts';
import { ConnectionTest } from './connection-test.tsx';
import { DraftProvider, useAttention, useDraft } from './draft.tsx';
import { type EditedPeer, editedPeer, peerProperties, withPasscodeOfUser } from './edited-peer.ts';
import { NumberField, SecretField, SelectField, TagsField, TextField } from './fields.tsx';
import { focusFirstFault } from './focus-first-fault.ts';
import { validator } from './validate.ts';

const words = strings.config.peers;

type Peer = Schemas['Peer'];

const checkProperties = validator('PeerProperties');
const checkTitle = validator('AeTitle');

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
      <Modal
        opened={edited !== undefined}
        onClose={() => edit(undefined)}
        title={edited === 'new' ? words.add : words.editNamed(edited?.aeTitle ?? '')}
        size="lg"
        closeButtonProps={{ 'aria-label': strings.close }}
      >
        {edited !== undefined && (
          <PeerEditor
            aeTitle={edited === 'new' ? undefined : edited.aeTitle}
            done={() => {
              edit(undefined);
              refresh();
            }}
          />
        )}
      </Modal>
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

interface PeerEditorProps {
  /** Undefined for a new one. */
  readonly aeTitle: string | undefined;
  readonly done: () => void;
}

/** What is changed is read as it is now, with its version: the table may be old. */
function PeerEditor({ aeTitle, done }: PeerEditorProps) {
  const query = useQuery({
    queryKey: ['peers', 'one', aeTitle],
    queryFn: ({ signal }) =>
      answeredWithEtag(api.GET('/api/peers/{aeTitle}', { params: { path: { aeTitle: aeTitle ?? '' } }, signal })),
    enabled: aeTitle !== undefined,
    // What is typed is about what was read first.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnMount: 'always',
  });
  if (aeTitle === undefined) return <PeerForm done={done} />;
  return <Read query={query}>{({ data, etag }) => <PeerForm peer={data} etag={etag} done={done} />}</Read>;
}

interface PeerFormProps {
  readonly peer?: Peer;
  readonly etag?: string;
  readonly done: () => void;
}

function PeerForm({ peer, etag, done }: PeerFormProps) {
  const [document, setDocument] = useState<unknown>(() => editedPeer(peer));
  const change = useCallback(
    (next: (now: unknown) => unknown) =>
      setDocument((now: unknown) => withPasscodeOfUser(next(now) as EditedPeer, now as EditedPeer, peer)),
    [peer],
  );
  const { aeTitle = '' } = document as EditedPeer;
  const properties = useMemo(
    () => peerProperties(document as EditedPeer, peer?.userIdentity?.passcodeIsSet === true),
    [document, peer],
  );
  const faults = useMemo(() => {
    const found = new Map(checkProperties(properties));
    const [[, fault] = []] = checkTitle(aeTitle);
    if (fault !== undefined) found.set('/aeTitle', fault);
    return found;
  }, [properties, aeTitle]);
  const saving = useMutation({
    mutationFn: () => {
      const checked = properties as Schemas['PeerProperties'];
      // One that is new takes the place of none that is there.
      if (peer === undefined) return answered(api.POST('/api/peers', { body: { ...checked, aeTitle } }));
      const params = { path: { aeTitle }, header: etag === undefined ? {} : { 'If-Match': etag } };
      return answered(api.PUT('/api/peers/{aeTitle}', { params, body: checked }));
    },
    onSuccess: done,
  });
  const attention = useAttention();

  function save(): void {
    attention.everywhere();
    if (faults.size === 0) saving.mutate();
    else focusFirstFault();
  }

  return (
    <DraftProvider document={document} faults={faults} attention={attention} change={change}>
      <Stack>
        <TextField at="/aeTitle" label={words.aeTitle} required disabled={peer !== undefined} />
        <TextField at="/host" label={words.host} required />
        <NumberField at="/port" label={words.port} about={words.portAbout} />
        <PeerSwitches />
        <TextField at="/callingAeTitle" label={words.callingAeTitle} about={words.callingAeTitleAbout} />
        <TextField at="/userIdentity/userName" label={words.userName} about={words.userNameAbout} />
        <SecretField at="/userIdentity/passcode" label={words.passcode} about={words.passcodeAbout} />
        <TagsField at="/transferSyntaxes" label={words.transferSyntaxes} about={words.transferSyntaxesAbout} />
        <TagsField at="/characterSets" label={words.characterSets} about={words.characterSetsAbout} />
        <SelectField
          at="/onDifferentContent"
          label={words.onDifferentContent}
          nothing={words.asConfigured}
          options={(['reject', 'replace', 'keep'] as const).map((value) => ({ value, label: words.policies[value] }))}
        />
        <RetrieveBy />
        <NumberField at="/maxAssociations" label={words.maxAssociations} />
        {saving.error && <Failure error={saving.error} />}
        <Group justify="flex-end">
          <Button loading={saving.isPending} onClick={save}>
            {strings.save}
          </Button>
        </Group>
      </Stack>
    </DraftProvider>
  );
}

function PeerSwitches() {
  const { read, write } = useDraft();
  const tls = read('/tls') as Schemas['PeerProperties']['tls'];
  const may = (read('/may') ?? []) as readonly string[];
  return (
    <>
      <Checkbox.Group
        label={words.may}
        description={words.mayAbout}
        value={[...may]}
        onChange={(value) => write('/may', value)}
      >
        <Group mt="xs">
          {(['query', 'retrieve', 'store'] as const).map((right) => (
            <Checkbox key={right} value={right} label={words.rights[right]} />
          ))}
        </Group>
      </Checkbox.Group>
      <Switch
        label={words.tls}
        checked={tls !== undefined}
        onChange={({ currentTarget }) => write('/tls', currentTarget.checked ? { checkHostName: true } : undefined)}
      />
      {tls !== undefined && (
        <Switch
          label={words.checkHostName}
          checked={tls.checkHostName}
          onChange={({ currentTarget }) => write('/tls/checkHostName', currentTarget.checked)}
        />
      )}
    </>
  );
}

function RetrieveBy() {
  const { read, write } = useDraft();
  return (
    <NativeSelect
      label={words.retrieveBy}
      value={String(read('/retrieveBy') ?? 'auto')}
      data={(['auto', 'get', 'move'] as const).map((value) => ({ value, label: words.retrieveWays[value] }))}
      onChange={({ currentTarget }) => write('/retrieveBy', currentTarget.value)}
    />
  );
}
