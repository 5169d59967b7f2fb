import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { readLookupTable, readSegmentedLookupTable } from '../../../src/imaging/lookup-table.ts';
import { json } from '../../support/pixel-frames.ts';

const descriptorTag = '00283002';
const dataTag = '00283006';

function inline(bytes: readonly number[]): { vr: 'OW'; InlineBinary: string } {
  return { vr: 'OW', InlineBinary: Buffer.from(bytes).toString('base64') };
}

function words(...values: number[]): number[] {
  return values.flatMap((value) => [value & 0xff, value >> 8]);
}

function read(attributes: DicomJson, signed = false) {
  const { firstMapped, bits, entries } = readLookupTable(attributes, descriptorTag, dataTag, signed);
  return { firstMapped, bits, entries: [...entries] };
}

function readSegmented(attributes: DicomJson) {
  return [...readSegmentedLookupTable(attributes, descriptorTag, dataTag, false).entries];
}

describe('a lookup table', () => {
  it('reads entries of 16 bits from binary data', () => {
    const table = read({ [descriptorTag]: json('US', 3, 10, 16), [dataTag]: inline(words(0, 40_000, 65_535)) });
    expect(table).toEqual({ firstMapped: 10, bits: 16, entries: [0, 40_000, 65_535] });
  });

  it('reads entries that came as numbers', () => {
    const table = read({ [descriptorTag]: json('US', 3, 0, 12), [dataTag]: json('US', 1, 2, 4095) });
    expect(table).toEqual({ firstMapped: 0, bits: 12, entries: [1, 2, 4095] });
  });

  it('reads entries of 8 bits, one a byte or one a word', () => {
    const attributes = { [descriptorTag]: json('US', 4, 0, 8) };
    expect(read({ ...attributes, [dataTag]: inline([1, 2, 3, 255]) }).entries).toEqual([1, 2, 3, 255]);
    expect(read({ ...attributes, [dataTag]: inline(words(1, 2, 3, 255)) }).entries).toEqual([1, 2, 3, 255]);
    expect(read({ ...attributes, [dataTag]: json('US', 0x0201, 0xff03) }).entries).toEqual([1, 2, 3, 255]);
  });

  it('takes zero entries for 65,536', () => {
    const table = read({ [descriptorTag]: json('US', 0, 0, 8), [dataTag]: inline(new Array(65_536).fill(7)) });
    expect(table.entries).toHaveLength(65_536);
  });

  it('reads a negative first value, written as SS or as US', () => {
    const data = { [dataTag]: inline([1, 2]) };
    expect(read({ [descriptorTag]: json('SS', 2, -1024, 8), ...data }, true).firstMapped).toBe(-1024);
    expect(read({ [descriptorTag]: json('US', 2, 64_512, 8), ...data }, true).firstMapped).toBe(-1024);
    expect(read({ [descriptorTag]: json('US', 2, 64_512, 8), ...data }, false).firstMapped).toBe(64_512);
  });

  it('has as many bits as its entries need, whatever the descriptor says', () => {
    expect(read({ [descriptorTag]: json('US', 2, 0, 8), [dataTag]: inline(words(0, 1023)) }).bits).toBe(10);
  });

  it.each([
    ['needs three values', { [descriptorTag]: json('US', 3) }],
    ['has no value', { [descriptorTag]: json('US', 3, 0, 16), [dataTag]: { vr: 'OW' as const, BulkDataURI: 'x' } }],
    ['holds 2 bytes for 3 entries', { [descriptorTag]: json('US', 3, 0, 16), [dataTag]: inline([1, 2]) }],
  ])('that %s cannot be used, and says so', (what, attributes) => {
    expect(() => read(attributes)).toThrow(what);
  });
});

describe('a segmented lookup table', () => {
  it('joins discrete and linear segments', () => {
    const data = words(0, 2, 100, 200, 1, 4, 600);
    expect(readSegmented({ [descriptorTag]: json('US', 6, 0, 16), [dataTag]: inline(data) })).toEqual([
      100, 200, 300, 400, 500, 600,
    ]);
  });

  it('repeats segments that an indirect one points to', () => {
    const data = words(0, 2, 5, 6, 2, 1, 0, 0);
    expect(readSegmented({ [descriptorTag]: json('US', 4, 0, 16), [dataTag]: inline(data) })).toEqual([5, 6, 5, 6]);
  });

  it.each([
    ['points to itself', words(2, 1, 0, 0)],
    ['begins with a line', words(1, 4, 600)],
    ['is too short', words(0, 2, 1, 2)],
    ['ends within a segment', words(0, 9, 1)],
    ['has an unknown kind of segment', words(9, 1, 1)],
  ])('that %s cannot be used', (_, data) => {
    const attributes = { [descriptorTag]: json('US', 4, 0, 16), [dataTag]: inline(data) };
    expect(() => readSegmented(attributes)).toThrow(/lookup table in \(0028,3006\)/);
  });
});
