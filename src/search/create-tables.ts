import type { ArrivalPage, ArrivalTables } from '../index/arrival-tables.ts';
import type { FoundEntity } from '../index/found-entity.ts';
import { knownAttributes } from './known-attributes.ts';
import type { Table, TableRow, Tables } from './tables.ts';

export function createTables(arrivals: ArrivalTables): Tables {
  return {
    images: async (query) => tableOf(await arrivals.images(query)),
    series: async (query) => tableOf(await arrivals.series(query)),
    studies: async (query) => tableOf(await arrivals.studies(query)),
    patients: async (query) => tableOf(await arrivals.patients(query)),
    totals: () => arrivals.totals(),
  };
}

type Arrived = { readonly entity: FoundEntity } & Omit<TableRow, 'attributes'>;

async function tableOf<A extends Arrived>({ rows, ...rest }: ArrivalPage<A>) {
  const items = await Promise.all(
    rows.map(async ({ entity, ...row }) => ({ ...row, attributes: await knownAttributes(entity) })),
  );
  return { items, ...rest } satisfies Table<TableRow>;
}
