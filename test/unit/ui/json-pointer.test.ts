import { expect, it } from 'vitest';
import { valueOfNamesake } from '../../../src/ui/config/json-pointer.ts';

it('what stood in an element of a list before is found by its name, wherever it stands now', () => {
  const secret = { set: true };
  const before = { publishers: [{ name: 'a' }, { name: 'b', token: secret }], tls: { key: secret } };
  const now = { publishers: [{ name: 'b', token: 'typed' }, { token: 'typed' }, { name: 'new', token: 'typed' }] };
  expect(['/publishers/0/token', '/tls/key'].map((at) => valueOfNamesake(before, now, at))).toEqual([secret, secret]);
  for (const other of [1, 2]) expect(valueOfNamesake(before, now, `/publishers/${other}/token`)).toBeUndefined();
  expect(valueOfNamesake(undefined, now, '/publishers/0/token')).toBeUndefined();
});
