import { Button, Group, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { dicomweb, fetched } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';
import { type DataSet, type Entry, entriesWith, type Keywords, valueText } from './attribute-entries.ts';

const words = strings.attributes;

/** Of a list, to begin with. */
const first = { entries: 3_000, values: 64 };

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
  return (
    <Stepwise of={entries.length} first={first.entries}>
      {(most) =>
        entries.slice(0, most).map((entry) => (
          <div key={entry.tag} className="attribute">
            <div>
              {keywordOf(entry.tag) ?? words.private}{' '}
              <span className="attribute-tag">{`(${entry.tag.slice(0, 4)},${entry.tag.slice(4)})`}</span>{' '}
              <span className="attribute-tag">{entry.attribute.vr}</span>
            </div>
            <div>
              {entry.attribute.vr === 'SQ' ? (
                <Items entry={entry} keywordOf={keywordOf} />
              ) : (
                <Stepwise of={entry.attribute.Value?.length ?? 0} first={first.values}>
                  {(most) => valueText(entry.attribute, most)}
                </Stepwise>
              )}
            </div>
          </div>
        ))
      }
    </Stepwise>
  );
}

interface StepwiseProps {
  readonly of: number;
  readonly first: number;
  readonly children: (most: number) => ReactNode;
}

/** A long list begins with a part of it, says so, and shows twice as much when that is wanted. */
function Stepwise({ of, first, children }: StepwiseProps) {
  const [most, show] = useState(first);
  return (
    <>
      {children(most)}
      {of > most && (
        <div>
          <span className="dim">{strings.table.onlyFirst(most, of)}</span>{' '}
          <Button size="compact-sm" variant="default" onClick={() => show(2 * most)}>
            {words.more(Math.min(most, of - most))}
          </Button>
        </div>
      )}
    </>
  );
}

function Items({ entry, keywordOf }: { readonly entry: Entry; readonly keywordOf: Keywords }) {
  const { items, wantedBelow } = entry;
  const of = entry.attribute.Value?.length ?? 0;
  if (of === 0) return <span className="dim">{words.noItems}</span>;
  return (
    <Stepwise of={items.length} first={first.values}>
      {(most) =>
        items.slice(0, most).map(({ number, dataSet }) => (
          <details key={`${number} ${wantedBelow !== ''}`} open={wantedBelow !== '' || of === 1}>
            <summary>{words.item(number, of)}</summary>
            <div className="item">
              <Entries entries={entriesWith(dataSet, wantedBelow, keywordOf)} keywordOf={keywordOf} />
            </div>
          </details>
        ))
      }
    </Stepwise>
  );
}

/** By tag, also of repeating groups; group lengths and private attributes have no keyword. */
function lookUp(keywords: Readonly<Record<string, string>>): Keywords {
  return (tag) => keywords[tag] ?? keywords[`${tag.slice(0, 2)}xx${tag.slice(4)}`];
}
