import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { intervals } from '../intervals.ts';
import type { Total } from '../total.ts';

export interface TablePage<Row> extends Total {
  readonly items: readonly Row[];
}

interface TablePageOptions<Row> {
  /** What is asked for, the page included. */
  readonly queryKey: readonly unknown[];
  readonly page: { readonly offset: number; readonly limit: number };
  readonly read: (signal: AbortSignal) => Promise<TablePage<Row>>;
}

/**
 * A page of a table. While another is read the one before stays, and is old: `table` is for the table, and `pager` says what page
 * the rows are of that are shown, not of those that come.
 */
export function useTablePage<Row>({ queryKey, page, read }: TablePageOptions<Row>) {
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey,
    queryFn: async ({ signal }) => ({ ...(await read(signal)), page }),
    placeholderData: keepPreviousData,
    refetchInterval: intervals.tables,
  });
  return {
    data,
    error,
    refetch,
    table: { rows: data?.items, isOld: isPlaceholderData },
    pager: data && {
      ...data.page,
      total: data.total,
      totalIsExact: data.totalIsExact ?? true,
      shown: data.items.length,
    },
  };
}
