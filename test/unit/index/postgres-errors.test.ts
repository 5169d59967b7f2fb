import pg from 'pg';
import { expect, it } from 'vitest';
import { persistently } from '../../../src/index/postgres-errors.ts';

function databaseError(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError(`SQLSTATE ${code}`, 0, 'error');
  error.code = code;
  return error;
}

/** Fails with each of these in turn, then succeeds. */
function failing(...failures: Error[]) {
  let attempts = 0;
  const work = () => {
    const failure = failures[attempts++];
    return failure ? Promise.reject(failure) : Promise.resolve('done');
  };
  return { work, attempts: () => attempts };
}

it('a transaction that lost against another is done again, up to a bound', async () => {
  const some = failing(databaseError('40P01'), databaseError('40001'));
  expect(await persistently(some.work)).toBe('done');
  const many = failing(...Array.from({ length: 100 }, () => databaseError('40P01')));
  await expect(persistently(many.work)).rejects.toMatchObject({ code: 'unavailable' });
  expect(many.attempts()).toBeLessThan(20);
});

it('a database that was away for a moment is asked again', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const { work, attempts } = failing(refused, databaseError('57P03'), new Error('Connection terminated unexpectedly'));
  expect(await persistently(work)).toBe('done');
  expect(attempts()).toBe(4);
});

it('what would fail again is not done again', async () => {
  const full = failing(databaseError('53100'));
  await expect(persistently(full.work)).rejects.toMatchObject({ code: 'storage-full' });
  expect(full.attempts()).toBe(1);
  const wrong = failing(databaseError('22P02'));
  await expect(persistently(wrong.work)).rejects.toThrow('SQLSTATE 22P02');
  expect(wrong.attempts()).toBe(1);
});
