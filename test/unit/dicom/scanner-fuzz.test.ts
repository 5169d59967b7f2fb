import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../../src/dicom/scanned-instance.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  encapsulated,
  pixelElements,
  sequence,
} from '../../support/dicom-builder.ts';
import { hasSharedFiles, malformedFiles, sharedFiles } from '../../support/shared-files.ts';

const small = { maxMetadataBytes: 4 * 1024 * 1024, maxElements: 50_000 };

/** What became of a file: anything but a scan or a CausewayError fails the test. */
function scan(bytes: Uint8Array, chunkBytes = bytes.length): ScannedInstance | CausewayError {
  try {
    const scanner = createPart10Scanner({ limits: small, acceptBareDataSets: true });
    for (let at = 0; at < bytes.length; at += chunkBytes) scanner.push(bytes.subarray(at, at + chunkBytes));
    return scanner.end();
  } catch (error) {
    if (error instanceof CausewayError) return error;
    throw error;
  }
}

function nested(transferSyntaxUid: string): Buffer {
  const items: BuiltElement[][] = [
    [
      element('00080100', 'SH', 'CODE'),
      sequence('00081140', [[element('00081155', 'UI', '1.2')]], { undefinedLength: true }),
    ],
    [],
  ];
  return buildPart10({
    transferSyntaxUid,
    elements: ctElements(
      {},
      sequence('00082218', items),
      sequence('00400275', items, { undefinedLength: true }),
      element('00091001', 'UN', Uint8Array.of(1, 2, 3, 4)),
      ...pixelElements({ rows: 2, columns: 3, frames: 2 }),
    ),
  });
}

const compressed = buildPart10({
  transferSyntaxUid: '1.2.840.10008.1.2.4.50',
  elements: ctElements(
    {},
    ...pixelElements({
      rows: 2,
      columns: 2,
      frames: 2,
      bitsAllocated: 8,
      pixelData: encapsulated([
        Uint8Array.of(0xff, 0xd8, 1, 2),
        Uint8Array.of(3, 0, 0xff, 0xd9),
        Buffer.concat([Uint8Array.of(0xff, 0xd8), Buffer.alloc(100), Uint8Array.of(0xff, 0xd9)]),
      ]),
    }),
  ),
});

const seeds = [nested('1.2.840.10008.1.2.1'), nested('1.2.840.10008.1.2'), nested('1.2.840.10008.1.2.2'), compressed];

describe('whatever bytes arrive, the scanner', () => {
  test('refuses a file cut off at any byte, or reads it if nothing is missing', () => {
    for (const seed of seeds) {
      for (let length = 0; length < seed.length; length++) {
        const outcome = scan(seed.subarray(0, length));
        if (outcome instanceof CausewayError) expect(outcome.code, outcome.message).toMatch(/not-dicom|truncated/);
      }
    }
  });

  test('survives any change of any bytes of good files', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        (seed, changes, chunkBytes) => {
          const bytes = Buffer.from(seed);
          for (const [at, value] of changes) bytes[132 + (at % (bytes.length - 132))] = value;
          scan(bytes, chunkBytes);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('survives lengths that lie', () => {
    const lengths = fc.constantFrom(0xffffffff, 0xfffffffe, 0x7fffffff, 0x80000000, 0xffff, 0x10000, 1, 0);
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(), lengths, (seed, at, length) => {
        const bytes = Buffer.from(seed);
        bytes.writeUInt32LE(length, 132 + (at % (bytes.length - 136)));
        scan(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  test('survives random bytes behind good File Meta Information', () => {
    const head = buildPart10({ elements: [] });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (noise) => {
        scan(Buffer.concat([head, noise]));
      }),
      { numRuns: 2000 },
    );
  });

  test.skipIf(!hasSharedFiles)('survives changed and shortened real files (needs ../shared)', () => {
    const files = [...sharedFiles(), ...malformedFiles()]
      .map(({ path }) => readFileSync(path))
      .filter(({ length }) => length > 200 && length < 40_000);
    expect(files.length).toBeGreaterThan(20);
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (file, changes, kept) => {
          const bytes = Buffer.from(file.subarray(0, Math.ceil(file.length * kept)));
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          scan(bytes, 777);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('takes no memory for what a file only claims', () => {
    const claims = buildPart10({ elements: ctElements({}, element('00420011', 'OB', 'x', { length: 0xfffffff0 })) });
    const before = process.memoryUsage().arrayBuffers;
    const outcomes = Array.from({ length: 100 }, () => scan(claims));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    expect(outcomes.every((outcome) => outcome instanceof CausewayError && outcome.code === 'truncated')).toBe(true);
  });
});
