import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, Switch } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { answered, answeredWithEtag, api, type Schemas } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { Read } from '../shared/read.tsx';
import { strings } from '../strings.ts';
import { holdPage } from '../unfinished.ts';
import { DraftProvider, useAttention, useDraft } from './draft.tsx';
import { type EditedPeer, editedPeer, peerProperties, withPasscodeOfUser } from './edited-peer.ts';
import { NumberField, SecretField, SelectField, TagsField, TextField } from './fields.tsx';
import { focusFirstFault } from './focus-first-fault.ts';
import { differences } from './json-pointer.ts';
import { validator } from './validate.ts';

const words = strings.config.peers;

type Peer = Schemas['Peer'];
type FormState = 'unchanged' | 'changed' | 'saving';

const checkProperties = validator('PeerProperties');
const checkTitle = validator('AeTitle');

interface PeerDialogProps {
  /** Undefined while there is none. */
  readonly edited: Peer | 'new' | undefined;
  readonly close: () => void;
  readonly saved: () => void;
}

/** A peer as a form. What was typed is not thrown away by a key or a click beside it, and what is being saved is waited for. */
export function PeerDialog({ edited, close, saved }: PeerDialogProps) {
  const [state, setState] = useState<FormState>('unchanged');
  const [isAsked, ask] = useState(false);
  const onState = useCallback((next: FormState) => {
    setState(next);
    holdPage('peer', next !== 'unchanged');
    ask(false);
  }, []);
  useEffect(() => () => holdPage('peer', false), []);
  function leave(): void {
    onState('unchanged');
    close();
  }
  function leaveOrAsk(): void {
    if (state === 'unchanged') leave();
    else if (state === 'changed') ask(true);
  }
  return (
    <Modal
      opened={edited !== undefined}
      onClose={leaveOrAsk}
      closeOnClickOutside={state === 'unchanged'}
      title={edited === 'new' ? words.add : words.editNamed(edited?.aeTitle ?? '')}
      size="lg"
      closeButtonProps={{ 'aria-label': strings.close }}
    >
      {edited !== undefined && (
        <PeerEditor
          aeTitle={edited === 'new' ? undefined : edited.aeTitle}
          done={() => {
            leave();
            saved();
          }}
          onState={onState}
        >
          {isAsked && (
            <Alert color="orange" role="alert" title={words.notSaved}>
              <Button size="xs" variant="default" onClick={leave}>
                {words.discard}
              </Button>
            </Alert>
          )}
        </PeerEditor>
      )}
    </Modal>
  );
}

interface PeerEditorProps {
  /** Undefined for a new one. */
  readonly aeTitle: string | undefined;
  readonly done: () => void;
  readonly onState: (state: FormState) => void;
  readonly children: ReactNode;
}

/** What is changed is read as it is now, with its version: the table may be old. */
function PeerEditor({ aeTitle, ...form }: PeerEditorProps) {
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
  if (aeTitle === undefined) return <PeerForm {...form} />;
  return <Read query={query}>{({ data, etag }) => <PeerForm peer={data} etag={etag} {...form} />}</Read>;
}

interface PeerFormProps extends Omit<PeerEditorProps, 'aeTitle'> {
  readonly peer?: Peer;
  readonly etag?: string;
}

function PeerForm({ peer, etag, done, onState, children }: PeerFormProps) {
  const [begun] = useState<unknown>(() => editedPeer(peer));
  const [document, setDocument] = useState(begun);
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
  const { isPending } = saving;
  const isChanged = useMemo(() => differences(begun, document).length > 0, [begun, document]);
  useEffect(() => onState(isPending ? 'saving' : isChanged ? 'changed' : 'unchanged'), [onState, isPending, isChanged]);

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
        {children}
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
