import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countedPage, type PageWanted } from '../../src/index/counted-page.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

async function page(rows: number, wanted: Partial<PageWanted>) {
  const how = { limit: 50, offset: 0, isByText: false, ...wanted };
  const from = `generate_series(1, ${rows}) as n`;
  const text = `select n from ${from} limit ${how.limit} offset ${how.offset}`;
  const { rows: shown, ...counted } = await countedPage(
    database.pool,
    { text, values: [] },
    { text: from, values: [] },
    how,
  );
  return { shown: shown.length, ...counted };
}

describe('a page and how many rows there are', () => {
  it('all are counted to a hundred thousand, and then it says that there are more', async () => {
    expect(await page(100_000, {})).toEqual({ shown: 50, total: 100_000, totalIsExact: true });
    expect(await page(100_001, {})).toEqual({ shown: 50, total: 100_000, totalIsExact: false });
  });

  it('what a text is looked for in is counted to ten thousand', async () => {
    expect(await page(10_000, { isByText: true })).toEqual({ shown: 50, total: 10_000, totalIsExact: true });
    expect(await page(10_001, { isByText: true })).toEqual({ shown: 50, total: 10_000, totalIsExact: false });
  });

  it('a page beyond what is counted counts itself', async () => {
    const wanted = { offset: 20_000, isByText: true };
    expect(await page(30_000, wanted)).toEqual({ shown: 50, total: 20_050, totalIsExact: false });
  });

  it('the last page and one behind it tell the exact total', async () => {
    expect(await page(110, { offset: 100 })).toEqual({ shown: 10, total: 110, totalIsExact: true });
    expect(await page(110, { offset: 200 })).toEqual({ shown: 0, total: 110, totalIsExact: true });
  });
});
