import { afterAll, describe, expect, it } from 'vitest';
import { createImaging } from '../../../src/imaging/create-imaging.ts';
import type { EncodedFrame } from '../../../src/imaging/imaging.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { json, losslessCodecs, losslessFrame } from '../../support/pixel-frames.ts';

// One worker, so that what a bad frame leaves behind would meet the good one.
const imaging = createImaging({ log: silentLog, workers: 1, jobTimeoutMs: 20_000 });
afterAll(() => imaging.close());

const shapes = [
  { rows: 37, columns: 53, samplesPerPixel: 1, bits: 8 },
  { rows: 37, columns: 53, samplesPerPixel: 1, bits: 12 },
  { rows: 64, columns: 48, samplesPerPixel: 1, bits: 16 },
  { rows: 33, columns: 31, samplesPerPixel: 3, bits: 8 },
] as const;

/** The same every time: what differs between two frames is what the loop changes. */
function withChangedBytes(frame: EncodedFrame, seed: number): EncodedFrame {
  const bytes = Uint8Array.from(frame.bytes);
  for (let change = 1; change <= 8; change++)
    bytes[(seed * 7919 + change * 104_729) % bytes.length] = (seed * 31 + change) % 256;
  return { ...frame, bytes };
}

describe.each(losslessCodecs)('$name', (codec) => {
  it.each(shapes)('gives back $columns × $rows pixels of $samplesPerPixel × $bits bits exactly', async (shape) => {
    const { frame, original } = await losslessFrame(codec, shape);
    const decoded = await imaging.decode(frame);
    expect(Buffer.compare(decoded.bytes, original)).toBe(0);
    expect(decoded).toMatchObject({
      rows: shape.rows,
      columns: shape.columns,
      samplesPerPixel: shape.samplesPerPixel,
      bitsStored: shape.bits,
      photometricInterpretation: shape.samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
      planarConfiguration: 0,
    });
  });

  it('refuses a frame that is cut off anywhere', async () => {
    const { frame } = await losslessFrame(codec, shapes[1]);
    for (let part = 1; part < 20; part++) {
      const bytes = frame.bytes.subarray(0, Math.floor((frame.bytes.length * part) / 20));
      await expect(imaging.decode({ ...frame, bytes })).rejects.toMatchObject({ code: 'decode-failed' });
    }
  });

  it('decodes a good frame after sixty bad ones', async () => {
    const { frame, original } = await losslessFrame(codec, shapes[2]);
    for (let seed = 0; seed < 60; seed++) {
      const bad =
        seed % 2 === 0 ? withChangedBytes(frame, seed) : { ...frame, bytes: frame.bytes.subarray(0, 40 + seed) };
      await imaging.decode(bad).catch((thrown: unknown) => expect(thrown).toMatchObject({ code: 'decode-failed' }));
    }
    const decoded = await imaging.decode(frame);
    expect(Buffer.compare(decoded.bytes, original)).toBe(0);
  });

  it('refuses a codestream whose size is not that of the attributes', async () => {
    const { frame } = await losslessFrame(codec, shapes[0]);
    const attributes = { ...frame.attributes, '00280010': json('US', 38) };
    await expect(imaging.decode({ ...frame, attributes })).rejects.toMatchObject({ code: 'decode-failed' });
  });
});

it.each(losslessCodecs.filter(({ encode }) => encode !== 'encodeRle' && encode !== 'encodeJpegXl'))(
  '$name: a frame that lost its middle and kept its end marker is refused',
  async (codec) => {
    const { frame } = await losslessFrame(codec, shapes[2]);
    const bytes = Buffer.concat([frame.bytes.subarray(0, frame.bytes.length / 2), Buffer.from([0xff, 0xd9])]);
    await expect(imaging.decode({ ...frame, bytes })).rejects.toMatchObject({ code: 'decode-failed' });
  },
);
