import { expect, it } from 'vitest';
import { httpFailure } from '../../../src/publisher/destinations/http-failure.ts';

const now = new Date('2026-03-02T12:00:00Z');

it.each([
  ['17', 17],
  ['Mon, 02 Mar 2026 12:10:00 GMT', 600],
  ['Mon, 02 Mar 2026 11:00:00 GMT', 0],
  // What is mended there, or led elsewhere, is not to wait until tomorrow.
  ['86400', 3_600],
  ['Tue, 03 Mar 2026 12:00:00 GMT', 3_600],
  ['soon', undefined],
])('a receiver that wants to be left alone (%s) is, for an hour at most', (value, expected) => {
  const asked = { url: 'https://there.test/', service: 'STOW-RS', credentials: 'token', isAnonymous: false };
  const failure = httpFailure({ status: 503, headers: { 'retry-after': value } }, asked, now);
  expect(failure?.details['retryAfterSeconds']).toBe(expected);
});
