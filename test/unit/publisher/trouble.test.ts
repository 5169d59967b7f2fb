import { expect, it } from 'vitest';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { isOutage, isPassing } from '../../../src/publisher/trouble.ts';

it.each([
  ['of a receiver that is away', new CausewayError('unavailable', 'It is away.'), true],
  ['of one that does not answer', new CausewayError('timed-out', 'It says nothing.'), true],
  ['of one that refuses', new CausewayError('forbidden', 'It refuses.'), false],
  [
    'of one that answers too much',
    new CausewayError('unavailable', 'It says a lot.', { details: { limit: 'maxAnswerBytes' } }),
    false,
  ],
])('what is sent elsewhere %s waits for it or not', (_, error, expected) => {
  expect(isOutage(error)).toBe(expected);
  expect(isPassing(error)).toBe(error.code !== 'forbidden');
});
