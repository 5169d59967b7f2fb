import { Group, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { dicomweb, fetched } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';
import { type DataSet, type Entry, entriesWith, type Keywords, mostValues, valueText } from './attribute-entries.ts';

const words = strings.attributes;

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
            <Entries entries={found} keywordOf={data.keywordOf} />
          </section>
        </>
      )}
    </>
  );
}

interface EntriesProps {
  readonly entries: readonly Entry[];
  readonly keywordOf: Keywords;
}

function Entries({ entries, keywordOf }: EntriesProps) {
  return entries.slice(0, mostShown).map((entry) => (
    <div key={entry.tag} className="attribute">
      <div>
        {keywordOf(entry.tag) ?? words.private}{' '}
        <span className="attribute-tag">{`(${entry.tag.slice(0, 4)},${entry.tag.slice(4)})`}</span>{' '}
        <span className="attribute-tag">{entry.attribute.vr}</span>
      </div>
      <div>
        {entry.attribute.vr === 'SQ' ? <Items entry={entry} keywordOf={keywordOf} /> : valueText(entry.attribute)}
      </div>
    </div>
  ));
}

function Items({ entry, keywordOf }: { readonly entry: Entry; readonly keywordOf: Keywords }) {
  const { items, wantedBelow } = entry;
  const of = entry.attribute.Value?.length ?? 0;
  if (of === 0) return <span className="dim">{words.noItems}</span>;
  return (
    <>
      {items.slice(0, mostValues).map(({ number, dataSet }) => (
        <details key={`${number} ${wantedBelow !== ''}`} open={wantedBelow !== '' || of === 1}>
          <summary>{words.item(number, of)}</summary>
          <div className="item">
            <Entries entries={entriesWith(dataSet, wantedBelow, keywordOf)} keywordOf={keywordOf} />
          </div>
        </details>
      ))}
      {items.length > mostValues && <span className="dim">{strings.table.onlyFirst(mostValues, items.length)}</span>}
    </>
  );
}

/** By tag, also of repeating groups; group lengths and private attributes have no keyword. */
function lookUp(keywords: Readonly<Record<string, string>>): Keywords {
  return (tag) => keywords[tag] ?? keywords[`${tag.slice(0, 2)}xx${tag.slice(4)}`];
}
