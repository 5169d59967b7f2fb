import { Button, Chip, Group, NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import type { Schemas } from '../api.ts';
import { colors } from '../shared/colors.ts';
import { strings } from '../strings.ts';
import { useDraft } from './draft.tsx';
import { NumberField, SelectField, TagsField } from './fields.tsx';
import { withProfile } from './with-profile.ts';

const words = strings.config.upload;

type TimeSpan = Schemas['TimeSpan'];

// Those that can be produced (docs/conformance-statement.md).
const transferSyntaxes = [
  ['1.2.840.10008.1.2.1', 'Explicit VR Little Endian'],
  ['1.2.840.10008.1.2.5', 'RLE Lossless'],
  ['1.2.840.10008.1.2.4.70', 'JPEG Lossless'],
  ['1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless'],
  ['1.2.840.10008.1.2.4.90', 'JPEG 2000 Lossless'],
  ['1.2.840.10008.1.2.4.201', 'High-Throughput JPEG 2000 Lossless'],
] as const;

interface UploadFieldsProps {
  readonly at: string;
  /** What is left out is as the site has it. */
  readonly ofPublisher?: boolean;
}

/** How things go out; the same fields for the site and for what differs for one publisher. */
export function UploadFields({ at, ofPublisher = false }: UploadFieldsProps) {
  const asSite = ofPublisher ? strings.config.asSite : undefined;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <NumberField
          at={`${at}/batchSize`}
          label={words.batchSize}
          about={words.batchSizeAbout}
          placeholder={asSite ?? '32'}
        />
        <NumberField
          at={`${at}/quietSeconds`}
          label={words.quietSeconds}
          about={words.quietSecondsAbout}
          placeholder={asSite ?? '20'}
          suffix=" s"
        />
        <NumberField
          at={`${at}/maxBytesPerSecond`}
          label={words.bandwidth}
          about={words.bandwidthAbout}
          placeholder={asSite ?? words.unlimited}
          suffix=" B/s"
        />
        <SelectField
          at={`${at}/transferSyntaxUid`}
          label={words.compression}
          about={words.compressionAbout}
          nothing={asSite ?? words.asStored}
          options={transferSyntaxes.map(([value, label]) => ({ value, label }))}
        />
        <Deidentification at={`${at}/deidentify`} {...(asSite === undefined ? {} : { asSite })} />
      </SimpleGrid>
      <Schedule at={`${at}/schedule`} {...(asSite === undefined ? {} : { asSite })} />
    </Stack>
  );
}

interface DeidentificationProps {
  readonly at: string;
  /** Of a publisher: what it is called that it has none of its own. */
  readonly asSite?: string;
}

/** What is removed and kept belongs to a profile: as the site does it, a publisher has neither. */
function Deidentification({ at, asSite }: DeidentificationProps) {
  const { read, write, faultAt, touch } = useDraft();
  const profile = read(`${at}/profile`);
  const fault = faultAt(`${at}/profile`) ?? faultAt(at);
  return (
    <>
      <NativeSelect
        label={words.profile}
        description={words.profileAbout}
        value={String(profile ?? (asSite === undefined ? 'none' : ''))}
        error={fault}
        onBlur={() => touch(`${at}/profile`)}
        data={[
          ...(asSite === undefined ? [] : [{ value: '', label: asSite }]),
          { value: 'none', label: words.profiles.none },
          { value: 'basic', label: words.profiles.basic },
        ]}
        onChange={({ currentTarget: { value } }) => write(at, withProfile(read(at), value, asSite !== undefined))}
      />
      {(asSite === undefined || profile === 'basic') && (
        <>
          <TagsField
            at={`${at}/alsoRemove`}
            label={words.alsoRemove}
            about={asSite === undefined ? words.alsoRemoveAbout : words.alsoRemoveBesides}
            placeholder="PatientComments"
          />
          <TagsField at={`${at}/keep`} label={words.keep} about={words.keepAbout} placeholder="PatientSex" hasCommas />
        </>
      )}
    </>
  );
}

const newSpan = { days: [], from: '19:00', till: '06:00' } satisfies TimeSpan;

interface ScheduleProps {
  readonly at: string;
  /** Of a publisher: what it is called that it has none of its own, which is not the same as any time. */
  readonly asSite?: string;
}

function Schedule({ at, asSite }: ScheduleProps) {
  const { read, write } = useDraft();
  const own = read(at) as readonly TimeSpan[] | undefined;
  const spans = own ?? [];
  const choice = own === undefined && asSite !== undefined ? 'as-site' : spans.length === 0 ? 'always' : 'spans';
  return (
    <Stack gap="xs" role="group" aria-label={words.schedule}>
      <NativeSelect
        label={words.schedule}
        description={choice === 'spans' ? words.scheduleAbout : undefined}
        w={{ base: '100%', sm: 320 }}
        value={choice}
        data={[
          ...(asSite === undefined ? [] : [{ value: 'as-site', label: asSite }]),
          { value: 'always', label: words.always },
          { value: 'spans', label: words.inSpans },
        ]}
        onChange={({ currentTarget: { value } }) =>
          write(at, value === 'as-site' ? undefined : value === 'always' ? [] : [newSpan])
        }
      />
      {spans.map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no name but their place
        <Span key={index} span={span} at={`${at}/${index}`} />
      ))}
      {choice === 'spans' && (
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={14} aria-hidden="true" />}
            onClick={() => write(`${at}/${spans.length}`, newSpan)}
          >
            {words.addSpan}
          </Button>
        </div>
      )}
    </Stack>
  );
}

function Span({ span, at }: { readonly span: TimeSpan; readonly at: string }) {
  const { write, faultAt } = useDraft();
  return (
    <Group gap="sm" align="flex-end">
      <TextInput
        type="time"
        label={words.from}
        value={span.from}
        error={faultAt(`${at}/from`)}
        onChange={({ currentTarget }) => write(`${at}/from`, currentTarget.value)}
      />
      <TextInput
        type="time"
        label={words.till}
        value={span.till}
        error={faultAt(`${at}/till`)}
        onChange={({ currentTarget }) => write(`${at}/till`, currentTarget.value)}
      />
      <Chip.Group
        multiple
        value={(span.days ?? []).map(String)}
        onChange={(days: string[]) => write(`${at}/days`, days.map(Number).sort())}
      >
        <Group gap={4} role="group" aria-label={words.days}>
          {words.dayNames.map((name, day) => (
            <Chip key={name} value={String(day)} size="xs" variant="outline" color={colors.running}>
              {name}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Button
        size="xs"
        variant="subtle"
        className="danger-text"
        leftSection={<Trash2 size={14} aria-hidden="true" />}
        onClick={() => write(at, undefined)}
      >
        {strings.remove}
      </Button>
    </Group>
  );
}
