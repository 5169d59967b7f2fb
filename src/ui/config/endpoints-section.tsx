import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { answered, api, type Schemas } from '../api.ts';
import { strings } from '../strings.ts';
import { ConnectionTest } from './connection-test.tsx';
import { useDraft } from './draft.tsx';
import { NumberField, SecretField, SelectField, TextField } from './fields.tsx';
import { useKeysOfItems } from './keys-of-items.ts';
import { TlsFields } from './tls-fields.tsx';

const words = strings.config.endpoints;

type Endpoint = Schemas['CloudEndpoint'];

const newEndpoint = { threads: 5, computePer: 'series' } as const;

/** Clouds that take `multipart/form-data`. */
export function EndpointsSection() {
  const { read, write } = useDraft();
  const endpoints = (read('/api') ?? []) as readonly Endpoint[];
  const keys = useKeysOfItems(endpoints);
  return (
    <Stack>
      <Text c="dimmed">{words.about}</Text>
      {endpoints.map((endpoint, index) => (
        // Names change while they are typed.
        <EndpointForm key={keys[index]} endpoint={endpoint} at={`/api/${index}`} />
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden="true" />}
          onClick={() => write(`/api/${endpoints.length}`, { ...newEndpoint })}
        >
          {words.add}
        </Button>
      </div>
    </Stack>
  );
}

function EndpointForm({ endpoint, at }: { readonly endpoint: Endpoint; readonly at: string }) {
  const { write } = useDraft();
  const name = endpoint.name ?? words.unnamed;
  return (
    <section className="card" aria-label={name}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {name}
        </Title>
        <Button
          variant="subtle"
          color="red"
          className="danger-text"
          leftSection={<Trash2 size={16} aria-hidden="true" />}
          onClick={() => write(at, undefined)}
          aria-label={strings.removeNamed(name)}
        >
          {strings.remove}
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} mb="md">
        <TextField at={`${at}/name`} label={words.name} about={words.nameAbout} required />
        <TextField at={`${at}/url`} label={words.url} about={words.urlAbout} placeholder="https://" required />
        <SecretField at={`${at}/token`} label={words.token} about={words.tokenAbout} />
        <TextField at={`${at}/source`} label={words.source} about={words.sourceAbout} required />
        <TextField at={`${at}/username`} label={words.username} about={words.usernameAbout} />
        <TextField at={`${at}/siteName`} label={words.siteName} about={words.siteNameAbout} />
        <NumberField at={`${at}/threads`} label={words.threads} about={words.threadsAbout} placeholder="5" />
        <SelectField
          at={`${at}/computePer`}
          label={words.computePer}
          about={words.computePerAbout}
          options={[
            { value: 'series', label: strings.units.series },
            { value: 'instance', label: strings.units.instance },
          ]}
        />
        <TextField at={`${at}/proxy`} label={words.proxy} about={words.proxyAbout} placeholder="http://host:port" />
      </SimpleGrid>
      <TlsFields at={`${at}/tls`} />
      <ConnectionTest
        key={JSON.stringify(endpoint)}
        of={name}
        test={() => answered(api.POST('/api/publishers/test', { body: { endpoint } }))}
      />
    </section>
  );
}
