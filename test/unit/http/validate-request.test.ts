import { expect, it } from 'vitest';
import { validateRequest } from '../../../src/http/validate-request.ts';

it('the document is compiled once, however many apps there are', () => {
  const [one, other] = [validateRequest(), validateRequest()];
  const compiled = one.slice(1, -1);
  expect(compiled.length).toBeGreaterThan(0);
  for (const [at, handler] of compiled.entries()) expect(other[at + 1]).toBe(handler);
});
