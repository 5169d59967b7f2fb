import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../../src/dicom/scanned-instance.ts';
import { assemble, dataSetSamples, sample } from '../../support/data-set-samples.ts';
import { buildPart10 } from '../../support/dicom-builder.ts';

function scan(bytes: Uint8Array, chunkBytes: number): ScannedInstance {
  const scanner = createPart10Scanner();
  for (let at = 0; at < bytes.length; at += chunkBytes) scanner.push(bytes.subarray(at, at + chunkBytes));
  return scanner.end();
}

describe('a data set of any attributes', () => {
  test.each([
    ['Explicit VR Little Endian', '1.2.840.10008.1.2.1'],
    ['Implicit VR Little Endian', '1.2.840.10008.1.2'],
    ['Explicit VR Big Endian', '1.2.840.10008.1.2.2'],
  ])('reads the same from %s, in chunks of any size, however its sequences are delimited', (_, transferSyntaxUid) => {
    fc.assert(
      fc.property(dataSetSamples, fc.integer({ min: 1, max: 200 }), (parts, chunkBytes) => {
        const { elements, json } = assemble([sample('00080005', 'CS', 'ISO_IR 192', ['ISO_IR 192']), ...parts]);
        const { attributes, warnings } = scan(buildPart10({ elements, transferSyntaxUid }), chunkBytes);
        expect(attributes).toEqual(json);
        expect(warnings).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
