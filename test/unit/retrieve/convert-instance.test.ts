import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import { convertInstance } from '../../../src/retrieve/convert-instance.ts';
import { buildPart10, ctElements } from '../../support/dicom-builder.ts';

const explicitLittle = '1.2.840.10008.1.2.1';
const implicitLittle = '1.2.840.10008.1.2';

/** To Implicit VR, of an instance without pixels that is stored in a file that comes in two pieces. */
async function converted() {
  const file = buildPart10({
    elements: ctElements({ study: '1.1', instance: '1.3' }),
    transferSyntaxUid: explicitLittle,
  });
  const scanner = createPart10Scanner();
  scanner.push(file);
  const opened: Readable[] = [];
  const instance = {
    studyInstanceUid: '1.1',
    seriesInstanceUid: '1.2',
    sopInstanceUid: '1.3',
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntaxUid: explicitLittle,
    frames: 0,
    blobKey: 'key',
    size: file.length,
    sha256: Buffer.alloc(0),
    dataSetOffset: scanner.end().dataSetOffset,
    deflated: false,
  };
  const notAskedFor = () => Promise.reject(new Error('not asked for'));
  const bytes = await convertInstance(instance, implicitLittle, {
    blobs: {
      read() {
        const half = file.length >> 1;
        const stream = Readable.from([file.subarray(0, half), file.subarray(half)]);
        opened.push(stream);
        return stream;
      },
      readRange: async (_key, offset, length) => file.subarray(offset, offset + length),
    },
    hasFragments: async () => undefined,
    nativeIcon: async () => undefined,
    decodedPixels: notAskedFor,
    encodedPixels: notAskedFor,
  });
  return { bytes: bytes[Symbol.asyncIterator](), left: () => opened.filter(({ destroyed }) => !destroyed) };
}

it.each([0, 1, 2])('nothing stays open of a conversion that is given up after %i pieces', async (pieces) => {
  const { bytes, left } = await converted();
  for (let count = 0; count < pieces; count += 1) expect(await bytes.next()).toMatchObject({ done: false });
  await bytes.return?.();
  expect(left()).toEqual([]);
});
