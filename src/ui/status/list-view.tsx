import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FilterX, Search } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { beginOfDay, endOfDay } from '../day-moments.ts';
import { intervals } from '../intervals.ts';
import { type Column, DataTable } from '../shared/data-table.tsx';
import { Failure } from '../shared/failure.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Pager } from '../shared/pager.tsx';
import { strings } from '../strings.ts';

/** What narrows a table; the same names in the address of the page and in the query of the API. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** A drop-down of these; a text, unless given. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

export interface TablePage<Row> {
  readonly items: readonly Row[];
  readonly total: number;
  readonly totalIsExact?: boolean;
}

export interface TableQuery {
  readonly limit: number;
  readonly offset: number;
  readonly from?: string;
  readonly till?: string;
  readonly text?: string;
  readonly [choice: string]: string | number | undefined;
}

interface ListViewProps<Row> {
  readonly kind: string;
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly choices: readonly Choice[];
  readonly read: (query: TableQuery, signal: AbortSignal) => Promise<TablePage<Row>>;
}

const defaultLimit = 50;
const typingMs = 300;

/** One of the tables: filters, rows and pages, all of which stand in the address, so that it can be kept and sent. */
export function ListView<Row>({ kind, title, columns, keyOf, choices, read }: ListViewProps<Row>) {
  const [address, setAddress] = useSearchParams();
  const limit = within(Number(address.get('limit') ?? defaultLimit), 1, 1000);
  const offset = within(Number(address.get('offset') ?? 0), 0, Number.MAX_SAFE_INTEGER);
  const names = ['from', 'till', 'text', ...choices.map(({ name }) => name)];
  const narrowed = Object.fromEntries(
    names.flatMap((name) => {
      const value = address.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
  const query: TableQuery = { limit, offset, ...inMoments(narrowed) };
  const { data, error, refetch, isPending } = useQuery({
    queryKey: [kind, query],
    queryFn: ({ signal }) => read(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: intervals.tables,
  });

  function change(changes: Readonly<Record<string, string>>): void {
    // As it is now: what was rendered last may lag behind who types fast.
    const next = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') next.delete(name);
      else next.set(name, value);
    }
    if (!('offset' in changes)) next.delete('offset');
    setAddress(next, { replace: true });
  }

  return (
    <>
      <PageTitle>{title}</PageTitle>
      {/* What is typed lives in the fields: another address, as a link makes one, makes them anew. */}
      <Filters key={`${kind} ${address.get('clear') ?? ''}`} choices={choices} narrowed={narrowed} change={change} />
      {error && <Failure error={error} retry={() => void refetch()} />}
      {isPending && !error && <Skeleton h={320} />}
      {data && (
        <div className="table-card">
          <DataTable caption={title} columns={columns} rows={data.items} keyOf={keyOf} />
          <Pager
            total={data.total}
            totalIsExact={data.totalIsExact ?? true}
            offset={offset}
            limit={limit}
            shown={data.items.length}
            go={(page) => change({ offset: page.offset === 0 ? '' : String(page.offset), limit: String(page.limit) })}
          />
        </div>
      )}
    </>
  );
}

/** Days are those of this screen, as times are shown in its time. */
function inMoments({ from, till, ...narrowed }: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...narrowed,
    ...(from === undefined ? {} : { from: beginOfDay(from) }),
    ...(till === undefined ? {} : { till: endOfDay(till) }),
  };
}

function within(value: number, least: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, Math.trunc(value))) : least;
}

interface FiltersProps {
  readonly choices: readonly Choice[];
  readonly narrowed: Readonly<Record<string, string>>;
  readonly change: (changes: Readonly<Record<string, string>>) => void;
}

function Filters({ choices, narrowed, change }: FiltersProps) {
  const [typed, setTyped] = useState(narrowed);
  const changeSoon = useDebouncedCallback(change, typingMs);
  const words = strings.status.filters;

  function type(name: string, value: string): void {
    setTyped((now) => ({ ...now, [name]: value }));
    changeSoon({ [name]: value });
  }
  function choose(name: string, value: string): void {
    setTyped((now) => ({ ...now, [name]: value }));
    change({ [name]: value });
  }
  const names = ['from', 'till', 'text', ...choices.map(({ name }) => name)];
  const isNarrowed = names.some((name) => (typed[name] ?? '') !== '');
  return (
    <search>
      <div className="filters">
        <TextInput
          className="filter-text"
          label={words.text}
          placeholder={words.textExample}
          leftSection={<Search size={16} aria-hidden="true" />}
          value={typed['text'] ?? ''}
          onChange={({ currentTarget }) => type('text', currentTarget.value)}
          maxLength={256}
        />
        <TextInput
          type="date"
          label={words.from}
          value={typed['from'] ?? ''}
          onChange={({ currentTarget }) => choose('from', currentTarget.value)}
        />
        <TextInput
          type="date"
          label={words.till}
          value={typed['till'] ?? ''}
          onChange={({ currentTarget }) => choose('till', currentTarget.value)}
        />
        {choices.map(({ name, label, options }) =>
          options === undefined ? (
            <TextInput
              key={name}
              label={label}
              value={typed[name] ?? ''}
              onChange={({ currentTarget }) => type(name, currentTarget.value)}
            />
          ) : (
            <NativeSelect
              key={name}
              label={label}
              value={typed[name] ?? ''}
              data={[{ value: '', label: words.all }, ...withValue(options, typed[name])]}
              onChange={({ currentTarget }) => choose(name, currentTarget.value)}
            />
          ),
        )}
        <Button
          variant="default"
          disabled={!isNarrowed}
          leftSection={<FilterX size={16} aria-hidden="true" />}
          onClick={() => {
            setTyped({});
            change(Object.fromEntries(names.map((name) => [name, ''])));
          }}
        >
          {words.clear}
        </Button>
      </div>
    </search>
  );
}

/** A link may ask for what the list does not know. */
function withValue(options: NonNullable<Choice['options']>, value: string | undefined): NonNullable<Choice['options']> {
  if (value === undefined || value === '' || options.some((option) => option.value === value)) return options;
  return [...options, { value, label: value }];
}
