import { NativeSelect, SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { answered, api, type Schemas } from '../api.ts';
import { strings } from '../strings.ts';
import { useDraft } from './draft.tsx';
import { NumberField, SecretField, SelectField, SwitchField, TextField } from './fields.tsx';
import { TlsFields } from './tls-fields.tsx';

const words = strings.config.destination;
const kinds = strings.config.publishers.kinds;

type Kind = Schemas['Destination']['kind'];

const begun = {
  dimse: { kind: 'dimse', commitment: true },
  stow: { kind: 'stow', auth: { kind: 'none' } },
  api: { kind: 'api' },
  bucket: { kind: 'bucket' },
  folder: { kind: 'folder' },
  hl7: { kind: 'hl7', port: 2575, sendingApplication: 'CAUSEWAY' },
  webhook: { kind: 'webhook', auth: { kind: 'none' } },
} as const satisfies { readonly [K in Kind]: { readonly kind: K; readonly [field: string]: unknown } };

/** Where things go: other fields for each kind. */
export function DestinationFields({ at }: { readonly at: string }) {
  const { read, write } = useDraft();
  const kind = read(`${at}/kind`) as Kind;
  return (
    <Stack role="group" aria-label={words.title}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <NativeSelect
          label={words.kind}
          value={kind}
          data={(Object.keys(kinds) as Kind[]).map((value) => ({ value, label: kinds[value] }))}
          onChange={({ currentTarget }) => write(at, begun[currentTarget.value as Kind])}
        />
        <FieldsOfKind at={at} kind={kind} />
      </SimpleGrid>
      {(kind === 'stow' || kind === 'webhook') && <AuthFields at={`${at}/auth`} />}
      {(kind === 'stow' || kind === 'webhook' || kind === 'hl7') && <TlsFields at={`${at}/tls`} />}
    </Stack>
  );
}

function FieldsOfKind({ at, kind }: { readonly at: string; readonly kind: Kind }) {
  switch (kind) {
    case 'dimse':
      return <DimseFields at={at} />;
    case 'stow':
      return (
        <>
          <TextField at={`${at}/url`} label={words.url} about={words.stowUrlAbout} placeholder="https://" required />
          <TextField at={`${at}/proxy`} label={words.proxy} placeholder="http://host:port" />
        </>
      );
    case 'api':
      return <EndpointField at={`${at}/endpoint`} />;
    case 'bucket':
      return (
        <>
          <TextField at={`${at}/url`} label={words.bucket} placeholder="s3://bucket/prefix" required />
          <TextField
            at={`${at}/endpoint`}
            label={words.s3Endpoint}
            about={words.s3EndpointAbout}
            placeholder="https://"
          />
          <TextField at={`${at}/region`} label={words.region} placeholder="eu-central-1" />
          <TextField at={`${at}/accessKeyId`} label={words.accessKeyId} />
          <SecretField at={`${at}/secretAccessKey`} label={words.secretAccessKey} />
        </>
      );
    case 'folder':
      return (
        <TextField at={`${at}/path`} label={words.path} about={words.pathAbout} placeholder="/srv/outbox" required />
      );
    case 'hl7':
      return (
        <>
          <TextField at={`${at}/host`} label={words.host} required />
          <NumberField at={`${at}/port`} label={words.port} required />
          <TextField at={`${at}/sendingApplication`} label={words.sendingApplication} required />
          <TextField at={`${at}/sendingFacility`} label={words.sendingFacility} required />
          <TextField at={`${at}/receivingApplication`} label={words.receivingApplication} required />
          <TextField at={`${at}/receivingFacility`} label={words.receivingFacility} required />
        </>
      );
    case 'webhook':
      return (
        <>
          <TextField at={`${at}/url`} label={words.url} about={words.webhookUrlAbout} placeholder="https://" required />
          <SecretField at={`${at}/signingKey`} label={words.signingKey} about={words.signingKeyAbout} />
          <TextField at={`${at}/proxy`} label={words.proxy} placeholder="http://host:port" />
        </>
      );
  }
}

function DimseFields({ at }: { readonly at: string }) {
  const { data } = useQuery({
    queryKey: ['peers'],
    queryFn: ({ signal }) => answered(api.GET('/api/peers', { signal })),
  });
  const peers = (data ?? []).map(({ aeTitle, host }) => ({ value: aeTitle, label: `${aeTitle} (${host})` }));
  return (
    <>
      <SelectField at={`${at}/peer`} label={words.peer} about={words.peerAbout} options={peers} nothing="" required />
      <SwitchField at={`${at}/commitment`} label={words.commitment} about={words.commitmentAbout} unlessGiven />
    </>
  );
}

function EndpointField({ at }: { readonly at: string }) {
  const { read } = useDraft();
  const names = ((read('/api') ?? []) as readonly Schemas['CloudEndpoint'][]).flatMap(({ name }) =>
    name === undefined ? [] : [{ value: name, label: name }],
  );
  return <SelectField at={at} label={words.endpoint} about={words.endpointAbout} options={names} nothing="" required />;
}

function AuthFields({ at }: { readonly at: string }) {
  const { read, write } = useDraft();
  const kind = String(read(`${at}/kind`) ?? 'none');
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} role="group" aria-label={words.auth}>
      <NativeSelect
        label={words.auth}
        value={kind}
        data={Object.entries(words.authKinds).map(([value, label]) => ({ value, label }))}
        onChange={({ currentTarget }) => write(at, { kind: currentTarget.value })}
      />
      {kind === 'token' && (
        <>
          <SelectField
            at={`${at}/scheme`}
            label={words.scheme}
            options={[
              { value: 'Bearer', label: 'Bearer' },
              { value: 'Token', label: 'Token' },
            ]}
            nothing="Bearer"
          />
          <SecretField at={`${at}/token`} label={words.token} />
        </>
      )}
      {kind === 'basic' && (
        <>
          <TextField at={`${at}/username`} label={words.username} required />
          <SecretField at={`${at}/password`} label={words.password} />
        </>
      )}
      {kind === 'oauth2-client-credentials' && (
        <>
          <TextField at={`${at}/tokenUrl`} label={words.tokenUrl} placeholder="https://" required />
          <TextField at={`${at}/clientId`} label={words.clientId} required />
          <SecretField at={`${at}/clientSecret`} label={words.clientSecret} />
          <TextField at={`${at}/scope`} label={words.scope} />
        </>
      )}
    </SimpleGrid>
  );
}
