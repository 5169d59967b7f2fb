import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { DataTable, type DataTableProps } from './data-table.tsx';
import { Failure } from './failure.tsx';

interface TableCardProps<Row> extends Omit<DataTableProps<Row>, 'rows'> {
  /** Of the title, on its page. */
  readonly id: string;
  /** The caption, unless given. */
  readonly title?: string;
  /** Why there are no rows, or none that are new. */
  readonly error?: Error | null;
  /** Undefined until they are read. */
  readonly rows: readonly Row[] | undefined;
  /** What stands below the table. */
  readonly children?: ReactNode;
}

/** A table with its title, as wide as the page. */
export function TableCard<Row>({ id, title, error, rows, children, ...table }: TableCardProps<Row>) {
  return (
    <section className="table-card span-12" aria-labelledby={id}>
      <Title order={2} size="h4" p="md" pb={4} id={id}>
        {title ?? table.caption}
      </Title>
      {error && <Failure error={error} />}
      {rows && <DataTable {...table} rows={rows} />}
      {children}
    </section>
  );
}
