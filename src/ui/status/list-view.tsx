import { Button, NativeSelect, Skeleton, TextInput, type TextInputProps } from '@mantine/core';
import { FilterX, Search } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { beginOfDay, endOfDay } from '../day-moments.ts';
import { type Column, DataTable } from '../shared/data-table.tsx';
import { Failure } from '../shared/failure.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Pager } from '../shared/pager.tsx';
import { type TablePage, useTablePage } from '../shared/use-table-page.ts';
import { strings } from '../strings.ts';
import { useTyped } from './use-typed.ts';

/** What narrows a table; the same names in the address of the page and in the query of the API. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** A drop-down of these; a text, unless given. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
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
  const { error, refetch, table, pager } = useTablePage({
    queryKey: [kind, query],
    page: { limit, offset },
    read: (signal) => read(query, signal),
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
      <Filters key={kind} choices={choices} narrowed={narrowed} change={change} />
      {error && <Failure error={error} retry={() => void refetch()} />}
      {pager === undefined && !error && <Skeleton h={320} />}
      {table.rows && pager && (
        <div className="table-card">
          <DataTable caption={title} columns={columns} rows={table.rows} isOld={table.isOld} keyOf={keyOf} />
          <Pager
            {...pager}
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

/** Shows what the address says: it is what holds, and links, the way back and others change it, too. */
function Filters({ choices, narrowed, change }: FiltersProps) {
  // What is still typed when all is cleared does not come to hold.
  const [cleared, setCleared] = useState(0);
  const words = strings.status.filters;
  const names = ['from', 'till', 'text', ...choices.map(({ name }) => name)];
  const keyOf = (name: string) => `${name} ${cleared}`;
  const field = (name: string) => ({
    value: narrowed[name] ?? '',
    settle: (value: string) => change({ [name]: value }),
  });
  return (
    <search>
      <div className="filters">
        <TypedField
          key={keyOf('text')}
          {...field('text')}
          className="filter-text"
          label={words.text}
          placeholder={words.textExample}
          leftSection={<Search size={16} aria-hidden="true" />}
          maxLength={256}
        />
        <TypedField key={keyOf('from')} {...field('from')} type="date" label={words.from} />
        <TypedField key={keyOf('till')} {...field('till')} type="date" label={words.till} />
        {choices.map(({ name, label, options }) =>
          options === undefined ? (
            <TypedField key={keyOf(name)} {...field(name)} label={label} />
          ) : (
            <ChosenField key={keyOf(name)} {...field(name)} label={label} options={options} />
          ),
        )}
        <Button
          variant="default"
          leftSection={<FilterX size={16} aria-hidden="true" />}
          onClick={() => {
            setCleared((times) => times + 1);
            change(Object.fromEntries(names.map((name) => [name, ''])));
          }}
        >
          {words.clear}
        </Button>
      </div>
    </search>
  );
}

interface FieldProps {
  readonly value: string;
  readonly settle: (value: string) => void;
}

function TypedField({ value, settle, ...props }: FieldProps & Omit<TextInputProps, 'value' | 'onChange'>) {
  const [shown, type] = useTyped(value, settle, typingMs);
  return <TextInput {...props} value={shown} onChange={({ currentTarget }) => type(currentTarget.value)} />;
}

interface ChosenFieldProps extends FieldProps {
  readonly label: string;
  readonly options: NonNullable<Choice['options']>;
}

function ChosenField({ value, settle, label, options }: ChosenFieldProps) {
  const [shown, choose] = useTyped(value, settle, 0);
  return (
    <NativeSelect
      label={label}
      value={shown}
      data={[{ value: '', label: strings.status.filters.all }, ...withValue(options, shown)]}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    />
  );
}

/** A link may ask for what the list does not know. */
function withValue(options: NonNullable<Choice['options']>, value: string | undefined): NonNullable<Choice['options']> {
  if (value === undefined || value === '' || options.some((option) => option.value === value)) return options;
  return [...options, { value, label: value }];
}
