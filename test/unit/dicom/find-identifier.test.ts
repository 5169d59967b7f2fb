import { describe, expect, it } from 'vitest';
import { findIdentifier } from '../../../src/dicom/find-identifier.ts';
import type { Condition } from '../../../src/dicom/query.ts';

const patientName = '00100010';

function nameKeyOf(...conditions: readonly Condition[]) {
  const { identifier, unexpressed } = findIdentifier({ level: 'study', conditions, include: [] });
  const [name] = (identifier[patientName]?.Value ?? []) as { readonly Alphabetic: string }[];
  return { key: name?.Alphabetic, isLookedAtHere: unexpressed.some(({ kind }) => kind === 'fuzzy-name') };
}

describe('the Identifier of a search for names whatever their accents', () => {
  const muller: Condition = { kind: 'fuzzy-name', path: [patientName], words: ['jo', 'muller'] };

  it('asks for the longest word, with any letter where it has an accent, and is looked at here', () => {
    expect(nameKeyOf(muller)).toEqual({ key: '*muller*', isLookedAtHere: true });
    expect(nameKeyOf({ ...muller, accented: ['jo', 'müller'] })).toEqual({ key: '*m?ller*', isLookedAtHere: true });
    const greek: Condition = { kind: 'fuzzy-name', path: [patientName], words: ['αβγ'] };
    expect(nameKeyOf(greek)).toEqual({ key: '*???*', isLookedAtHere: true });
  });

  it.each<Condition>([
    { kind: 'single', path: ['00100020'], vr: 'LO', value: 'ID1' },
    { kind: 'range', path: ['00080020'], vr: 'DA', from: '20240101', to: '20240102' },
    { kind: 'uid-list', path: ['0020000D'], values: ['1.2', '1.3'] },
  ])('asks for all names where $kind leaves few', (narrow) => {
    expect(nameKeyOf(muller, narrow)).toEqual({ key: undefined, isLookedAtHere: true });
  });

  it.each<Condition>([
    { kind: 'single', path: ['00080061'], vr: 'CS', value: 'CT' },
    { kind: 'uid-list', path: ['00080062'], values: ['1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.1.1.4'] },
  ])('asks for the name where another key leaves many ($kind)', (many) => {
    expect(nameKeyOf(muller, many).key).toBe('*muller*');
  });

  it.each([
    ['20240101', '20240131', undefined],
    ['20240101', '20240201', '*muller*'],
    ['20240101', undefined, '*muller*'],
  ])('from %s to %s asks for %j', (from, to, key) => {
    const range = { kind: 'range', path: ['00080020'], vr: 'DA', from, ...(to !== undefined && { to }) } as const;
    expect(nameKeyOf(muller, range).key).toBe(key);
  });
});
