import { describe, expect, it } from 'vitest';
import { postgresOptions } from '../../../src/index/postgres-options.ts';

describe('the buffers of the embedded Postgres', () => {
  it.each([
    ['a small computer', 2 ** 29, '32MB'],
    ['a container of 4 GiB', 2 ** 32, '128MB'],
    ['a server', 2 ** 36, '512MB'],
  ])('fit %s', (_, memory, buffers) => {
    expect(postgresOptions(memory)['shared_buffers']).toBe(buffers);
  });
});
