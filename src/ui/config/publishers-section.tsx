import { Accordion, Badge, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { answered, api, type Schemas } from '../api.ts';
import { colors } from '../shared/colors.ts';
import { strings } from '../strings.ts';
import { ConnectionTest } from './connection-test.tsx';
import { DestinationFields } from './destination-fields.tsx';
import { useDraft } from './draft.tsx';
import { ExpressionField } from './expression-field.tsx';
import { NumberField, SelectField, SwitchField, TagsField, TextField } from './fields.tsx';
import { FilterTrial } from './filter-trial.tsx';
import { useKeysOfItems } from './keys-of-items.ts';
import { UploadFields } from './upload-fields.tsx';

const words = strings.config.publishers;

type Publisher = Schemas['Publisher'];

const newPublisher = {
  enabled: true,
  expression: '',
  unit: 'series',
  destination: { kind: 'dimse', commitment: true },
  upload: {},
  retries: { attempts: 20, firstDelaySeconds: 5, maxDelaySeconds: 900 },
  confirm: true,
} as const;

interface PublishersSectionProps {
  /** What the server knows already, which can be sent to. */
  readonly savedNames: readonly string[];
  /** What is shown is not what is saved. */
  readonly isDraft: boolean;
}

/** Destinations, each with its own filter, retries and rate. */
export function PublishersSection({ savedNames, isDraft }: PublishersSectionProps) {
  const { read, write } = useDraft();
  const publishers = (read('/publishers') ?? []) as readonly Publisher[];
  const keys = useKeysOfItems(publishers);
  const [opened, open] = useState<string | null>(publishers.length === 1 ? String(keys[0]) : null);
  const count = useRef(publishers.length);
  useEffect(() => {
    // One that was added is filled in next.
    if (publishers.length > count.current) open(String(keys.at(-1)));
    count.current = publishers.length;
  }, [publishers.length, keys]);
  return (
    <Stack>
      <Text c="dimmed">{words.about}</Text>
      <Accordion variant="separated" value={opened} onChange={open} classNames={{ item: 'publisher' }}>
        {publishers.map((publisher, index) => (
          // Names change while they are typed.
          <Accordion.Item key={keys[index]} value={String(keys[index])}>
            <Accordion.Control>
              <Group gap="sm">
                <Text fw={600}>{publisher.name ?? words.unnamed}</Text>
                <Badge color={colors.waiting}>{words.kinds[publisher.destination.kind]}</Badge>
                {publisher.enabled === false && <Badge color={colors.doubtful}>{words.disabled}</Badge>}
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              {opened === String(keys[index]) && (
                <PublisherForm
                  publisher={publisher}
                  at={`/publishers/${index}`}
                  savedNames={savedNames}
                  isDraft={isDraft}
                />
              )}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {publishers.length === 0 && <p className="dim empty">{words.none}</p>}
      <div>
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden="true" />}
          onClick={() => write(`/publishers/${publishers.length}`, { ...newPublisher })}
        >
          {words.add}
        </Button>
      </div>
    </Stack>
  );
}

interface PublisherFormProps extends PublishersSectionProps {
  readonly publisher: Publisher;
  readonly at: string;
}

function PublisherForm({ publisher, at, savedNames, isDraft }: PublisherFormProps) {
  const { read, write } = useDraft();
  const { name, destination, expression = '' } = publisher;
  const isSaved = savedNames.includes(name);
  const others = ((read('/publishers') ?? []) as readonly Publisher[])
    .map((one) => one.name)
    .filter((one) => one !== undefined && one !== name);
  const endpoints = (read('/api') ?? []) as readonly Schemas['CloudEndpoint'][];
  const endpoint = destination.kind === 'api' ? endpoints.find((one) => one.name === destination.endpoint) : undefined;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <TextField at={`${at}/name`} label={words.name} about={words.nameAbout} required />
        <SelectField
          at={`${at}/unit`}
          label={words.unit}
          about={words.unitAbout}
          options={[
            { value: 'series', label: strings.units.series },
            { value: 'study', label: strings.units.study },
          ]}
        />
        <SwitchField at={`${at}/enabled`} label={words.enabled} about={words.enabledAbout} unlessGiven />
      </SimpleGrid>
      <ExpressionField at={`${at}/expression`} label={words.filter} about={words.filterAbout} />
      <DestinationFields at={`${at}/destination`} />
      <ConnectionTest
        key={JSON.stringify([destination, endpoint])}
        of={name ?? words.unnamed}
        test={() =>
          answered(
            api.POST('/api/publishers/test', {
              body: {
                destination,
                ...(isSaved ? { publisher: name } : {}),
                ...(endpoint === undefined ? {} : { endpoint }),
              },
            }),
          )
        }
      />
      <Accordion variant="contained" multiple>
        <Accordion.Item value="trial">
          <Accordion.Control>{strings.config.trial.title}</Accordion.Control>
          <Accordion.Panel>
            <FilterTrial
              expression={expression}
              siteExpression={String(read('/filter/expression') ?? '')}
              isDraft={isDraft}
              {...(isSaved ? { publisher: name } : {})}
            />
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="retries">
          <Accordion.Control>{words.retries}</Accordion.Control>
          <Accordion.Panel>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
              <NumberField at={`${at}/retries/attempts`} label={words.attempts} placeholder="20" />
              <NumberField
                at={`${at}/retries/firstDelaySeconds`}
                label={words.firstDelay}
                about={words.firstDelayAbout}
                placeholder="5"
                suffix=" s"
              />
              <NumberField at={`${at}/retries/maxDelaySeconds`} label={words.maxDelay} placeholder="900" suffix=" s" />
              <NumberField
                at={`${at}/maxInstancesPerSecond`}
                label={words.rate}
                about={words.rateAbout}
                placeholder={strings.config.upload.unlimited}
              />
              <SwitchField at={`${at}/confirm`} label={words.confirm} about={words.confirmAbout} unlessGiven />
            </SimpleGrid>
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="upload">
          <Accordion.Control>{words.upload}</Accordion.Control>
          <Accordion.Panel>
            <UploadFields at={`${at}/upload`} ofPublisher />
          </Accordion.Panel>
        </Accordion.Item>
        {(destination.kind === 'api' || destination.kind === 'stow') && (
          <Accordion.Item value="results">
            <Accordion.Control>{words.results}</Accordion.Control>
            <Accordion.Panel>
              <ResultsFields at={`${at}/results`} others={others} />
            </Accordion.Panel>
          </Accordion.Item>
        )}
      </Accordion>
      <div>
        <Button
          variant="outline"
          color="red"
          className="danger"
          leftSection={<Trash2 size={16} aria-hidden="true" />}
          onClick={() => write(at, undefined)}
        >
          {strings.removeNamed(name ?? words.unnamed)}
        </Button>
      </div>
    </Stack>
  );
}

function ResultsFields({ at, others }: { readonly at: string; readonly others: readonly string[] }) {
  const { read, write } = useDraft();
  const isOn = read(at) !== undefined;
  return (
    <Stack>
      <Group>
        <Button
          variant="default"
          onClick={() => write(at, isOn ? undefined : { waitSeconds: 86_400, pollSeconds: 30, publishBackTo: [] })}
        >
          {isOn ? words.resultsOff : words.resultsOn}
        </Button>
      </Group>
      {isOn && (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          <NumberField at={`${at}/waitSeconds`} label={words.waitSeconds} about={words.waitSecondsAbout} suffix=" s" />
          <NumberField at={`${at}/pollSeconds`} label={words.pollSeconds} suffix=" s" />
          <TagsField
            at={`${at}/publishBackTo`}
            label={words.publishBackTo}
            about={words.publishBackToAbout}
            suggestions={others}
          />
        </SimpleGrid>
      )}
    </Stack>
  );
}
