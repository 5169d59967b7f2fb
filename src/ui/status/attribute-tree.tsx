import { Group, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { dicomweb, fetched } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';

const words = strings.attributes;

/** An attribute of the DICOM JSON Model (PS3.18 Annex F), as far as it is shown. */
interface Attribute {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}

type DataSet = Readonly<Record<string, Attribute>>;

type Keywords = (tag: string) => string | undefined;

/** Of one list: what a data set holds beyond that is counted. */
const mostValues = 64;
const mostShown = 3_000;

interface AttributeTreeProps {
  readonly path: string;
  /** Which content of it: what replaces it has other attributes. */
  readonly version: string;
}

/** All attributes of an instance, narrowed by what is looked for in tag, keyword and value. */
export function AttributeTree({ path, version }: AttributeTreeProps) {
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const { data, error } = useQuery({
    queryKey: ['metadata', path, version],
    queryFn: async ({ signal }) => {
      const [response, { default: keywords }] = await Promise.all([
        fetched(dicomweb(`${path}/metadata`), {
          headers: { Accept: 'application/dicom+json' },
          signal,
        }),
        import('virtual:dicom-keywords'),
      ]);
      const [dataSet] = (await response.json()) as DataSet[];
      return { dataSet: dataSet ?? {}, keywordOf: lookUp(keywords) };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const found = useMemo(() => (data ? entriesWith(data.dataSet, wanted, data.keywordOf) : []), [data, wanted]);
  return (
    <>
      <Group justify="space-between" mb="sm" align="flex-end">
        <Title order={2} size="h4" id="attributes">
          {words.title}
        </Title>
        <TextInput
          aria-label={words.search}
          placeholder={words.search}
          leftSection={<Search size={16} aria-hidden="true" />}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
      </Group>
      {error && <Failure error={error} />}
      {!data && !error && <Skeleton h={240} />}
      {data && (
        <>
          <Text size="sm" c="dimmed" mb={6} aria-live="polite">
            {words.count(found.length)}
          </Text>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
          <section className="tree" tabIndex={0} aria-label={words.title}>
            <Entries entries={found} wanted={wanted} keywordOf={data.keywordOf} />
          </section>
        </>
      )}
    </>
  );
}

interface Entry {
  readonly tag: string;
  readonly attribute: Attribute;
}

interface EntriesProps {
  readonly entries: readonly Entry[];
  readonly wanted: string;
  readonly keywordOf: Keywords;
}

function Entries({ entries, wanted, keywordOf }: EntriesProps) {
  return entries.slice(0, mostShown).map(({ tag, attribute }) => (
    <div key={tag} className="attribute">
      <div>
        {keywordOf(tag) ?? words.private}{' '}
        <span className="attribute-tag">{`(${tag.slice(0, 4)},${tag.slice(4)})`}</span>{' '}
        <span className="attribute-tag">{attribute.vr}</span>
      </div>
      <div>
        {attribute.vr === 'SQ' ? (
          <Items items={(attribute.Value ?? []) as DataSet[]} wanted={wanted} keywordOf={keywordOf} />
        ) : (
          valueText(attribute)
        )}
      </div>
    </div>
  ));
}

interface ItemsProps extends Omit<EntriesProps, 'entries'> {
  readonly items: readonly DataSet[];
}

function Items({ items, wanted, keywordOf }: ItemsProps) {
  if (items.length === 0) return <span className="dim">{words.noItems}</span>;
  return items.slice(0, mostValues).map((item, at) => {
    const entries = entriesWith(item, wanted, keywordOf);
    if (entries.length === 0) return null;
    return (
      // Items have no name but their place.
      // biome-ignore lint/suspicious/noArrayIndexKey: as said
      <details key={`${at} ${wanted !== ''}`} open={wanted !== '' || items.length === 1}>
        <summary>{words.item(at + 1, items.length)}</summary>
        <div className="item">
          <Entries entries={entries} wanted={wanted} keywordOf={keywordOf} />
        </div>
      </details>
    );
  });
}

/** Those that have the text themselves, or somewhere below. */
function entriesWith(dataSet: DataSet, wanted: string, keywordOf: Keywords): Entry[] {
  return Object.entries(dataSet).flatMap(([tag, attribute]) => {
    if (wanted === '' || says(tag, attribute, wanted, keywordOf)) return [{ tag, attribute }];
    if (attribute.vr !== 'SQ') return [];
    const items = ((attribute.Value ?? []) as DataSet[]).filter(
      (item) => entriesWith(item, wanted, keywordOf).length > 0,
    );
    return items.length === 0 ? [] : [{ tag, attribute: { ...attribute, Value: items } }];
  });
}

function says(tag: string, attribute: Attribute, wanted: string, keywordOf: Keywords): boolean {
  if (`${tag} (${tag.slice(0, 4)},${tag.slice(4)}) ${keywordOf(tag) ?? ''}`.toLowerCase().includes(wanted)) return true;
  return attribute.vr !== 'SQ' && valueText(attribute).toLowerCase().includes(wanted);
}

function valueText(attribute: Attribute): string {
  if (attribute.BulkDataURI !== undefined) return words.bulk;
  if (attribute.InlineBinary !== undefined) return words.binary(Math.floor((attribute.InlineBinary.length * 3) / 4));
  const values = attribute.Value ?? [];
  const more = values.length > mostValues ? ` … (${values.length})` : '';
  return values.slice(0, mostValues).map(oneValue).join(' \\ ') + more;
}

/** Person names are objects with a group each. */
function oneValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  return Object.values(value).join('=');
}

/** By tag, also of repeating groups; group lengths and private attributes have no keyword. */
function lookUp(keywords: Readonly<Record<string, string>>): Keywords {
  return (tag) => keywords[tag] ?? keywords[`${tag.slice(0, 2)}xx${tag.slice(4)}`];
}
