import { CausewayError } from '../../kernel/errors.ts';
import type { ArrivalQuery, Table, Tables } from '../../search/tables.ts';
import type { Exchange, Operation } from '../exchange.ts';
import { tableQuery } from './table-query.ts';
import { imageRow, patientRow, seriesRow, studyRow } from './table-rows.ts';

/** What is stored, for people: the tables of the page. */
export function tableOperations(tables: Tables) {
  const list =
    <R>(table: (query: ArrivalQuery) => Promise<Table<R>>, row: (one: R) => unknown): Operation =>
    async ({ query, response }) => {
      const { items, ...facts } = await table(tableQuery(query));
      response.json({ items: items.map(row), ...facts });
    };
  const one =
    <R>(
      level: string,
      table: (query: ArrivalQuery) => Promise<Table<R>>,
      named: (parameters: Exchange['pathParameters']) => Partial<ArrivalQuery>,
      row: (one: R) => unknown,
    ): Operation =>
    async ({ response, pathParameters }) => {
      const query = { ...named(pathParameters), words: [], limit: 1, offset: 0 };
      const [found] = (await table(query)).items;
      if (found === undefined) throw new CausewayError('not-found', `The ${level} is not here.`);
      response.json(row(found));
    };
  return {
    listImages: list(tables.images, imageRow),
    listSeries: list(tables.series, seriesRow),
    listStudies: list(tables.studies, studyRow),
    listPatients: list(tables.patients, patientRow),
    getImage: one('instance', tables.images, ({ instance }) => ({ sopInstanceUid: instance }), imageRow),
    getSeries: one('series', tables.series, ({ series }) => ({ seriesInstanceUid: series }), seriesRow),
    getStudy: one('study', tables.studies, ({ study }) => ({ studyInstanceUid: study }), studyRow),
  };
}
