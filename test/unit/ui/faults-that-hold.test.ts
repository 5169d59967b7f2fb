import { describe, expect, it } from 'vitest';
import { faultsThatHold } from '../../../src/ui/config/faults-that-hold.ts';
import { withValue } from '../../../src/ui/config/json-pointer.ts';

const sent = {
  filter: { expression: 'Modality =' },
  publishers: [{ name: 'one' }, { name: 'two', destination: { kind: 'dimse', peer: 'NOBODY' } }],
};
const found = [
  { path: '/filter/expression', message: 'is no expression' },
  { path: '/publishers/1/destination/peer', message: 'is not known' },
  { path: '/publishers/1/upload', message: 'is missing' },
];
const held = (now: unknown) => [...faultsThatHold(found, sent, now).keys()];

describe('what the server found wrong', () => {
  it('is shown as long as it is there', () => {
    expect(held(sent)).toEqual(['/filter/expression', '/publishers/1/destination/peer', '/publishers/1/upload']);
    expect(held(withValue(sent, '/publishers/0/name', 'other'))).toHaveLength(3);
  });

  it('is not shown of what was changed since', () => {
    const now = withValue(sent, '/publishers/1/destination/peer', 'OTHER');
    expect(held(now)).toEqual(['/filter/expression', '/publishers/1/upload']);
    expect(held(withValue(sent, '/publishers/1/upload', {}))).not.toContain('/publishers/1/upload');
  });

  it('is not shown of what has come into its place', () => {
    expect(held(withValue(sent, '/publishers/0', undefined))).toEqual(['/filter/expression']);
  });
});
