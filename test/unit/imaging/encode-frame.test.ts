import { afterAll, describe, expect, it } from 'vitest';
import { transferSyntax } from '../../../src/dicom/transfer-syntaxes.ts';
import { createImaging } from '../../../src/imaging/create-imaging.ts';
import { encodings } from '../../../src/imaging/encodings.ts';
import type { CompressedFrame, EncodedFrame } from '../../../src/imaging/imaging.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { encodedFrame, imageAttributes, json } from '../../support/pixel-frames.ts';

const imaging = createImaging({ log: silentLog, workers: 1, jobTimeoutMs: 20_000 });
afterAll(() => imaging.close());

interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly samples: 1 | 3;
  readonly allocated: 8 | 16;
  readonly stored: number;
  readonly signed?: boolean;
  readonly photometric?: string;
}

const gray = { rows: 37, columns: 53, samples: 1 } as const;
const shapes: readonly Shape[] = [
  { ...gray, allocated: 8, stored: 8 },
  { ...gray, allocated: 8, stored: 6 },
  { ...gray, allocated: 16, stored: 8 },
  { ...gray, allocated: 16, stored: 10 },
  { ...gray, allocated: 16, stored: 12 },
  { ...gray, allocated: 16, stored: 12, signed: true },
  { ...gray, allocated: 16, stored: 16 },
  { ...gray, allocated: 16, stored: 16, signed: true },
  { ...gray, allocated: 8, stored: 8, photometric: 'PALETTE COLOR' },
  { ...gray, samples: 3, allocated: 8, stored: 8, photometric: 'RGB' },
  { ...gray, samples: 3, allocated: 8, stored: 8, photometric: 'YBR_FULL' },
];

/** Noise, which no codec makes smaller, from a generator that gives the same every time. */
function noise({ rows, columns, samples, allocated, stored, signed = false }: Shape): Uint8Array {
  const count = rows * columns * samples;
  const cells = allocated === 16 ? new Uint16Array(count) : new Uint8Array(count);
  let state = 12_345;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const value = (state >>> 8) % 2 ** stored;
    cells[index] = signed && value >= 2 ** (stored - 1) ? value - 2 ** stored : value;
  }
  return new Uint8Array(cells.buffer);
}

function nativeFrame(shape: Shape, bytes = noise(shape)): EncodedFrame {
  return encodedFrame({
    bytes,
    attributes: imageAttributes({
      '00280002': json('US', shape.samples),
      '00280004': json('CS', shape.photometric ?? 'MONOCHROME2'),
      '00280006': json('US', 0),
      '00280010': json('US', shape.rows),
      '00280011': json('US', shape.columns),
      '00280100': json('US', shape.allocated),
      '00280101': json('US', shape.stored),
      '00280102': json('US', shape.stored - 1),
      '00280103': json('US', shape.signed ? 1 : 0),
    }),
  });
}

function decoded(frame: EncodedFrame, { bytes, photometricInterpretation }: CompressedFrame, uid: string) {
  const attributes = { ...frame.attributes, '00280004': json('CS', photometricInterpretation) };
  return imaging.decode({ ...frame, attributes, bytes, transferSyntaxUid: uid });
}

const lossless = encodings
  .filter(({ transferSyntaxUid }) => !transferSyntax(transferSyntaxUid)?.lossy)
  .map(({ transferSyntaxUid }) => [transferSyntax(transferSyntaxUid)!.name, transferSyntaxUid] as const);

describe.each(lossless)('%s', (_, uid) => {
  it.each(shapes)(
    'gives back $samples × $stored of $allocated bits (signed: $signed, $photometric) exactly',
    async (shape) => {
      const frame = nativeFrame(shape);
      if (shape.photometric === 'YBR_FULL' && uid === '1.2.840.10008.1.2.4.201') {
        await expect(imaging.encode(frame, uid)).rejects.toThrow('its colours are YBR_FULL');
        return;
      }
      const encoded = await imaging.encode(frame, uid);
      expect(encoded).toMatchObject({
        rows: shape.rows,
        columns: shape.columns,
        samplesPerPixel: shape.samples,
        bitsAllocated: shape.allocated,
        bitsStored: shape.stored,
        planarConfiguration: 0,
        nativeBytes: frame.bytes.length,
      });
      const back = await decoded(frame, encoded, uid);
      expect(Buffer.compare(back.bytes, frame.bytes)).toBe(0);
      expect(back.photometricInterpretation).toBe(shape.photometric ?? 'MONOCHROME2');
    },
  );

  it('keeps one-bit pixels, or refuses and says why', async () => {
    const oneBit = nativeFrame({ ...gray, rows: 8, columns: 8, allocated: 8, stored: 1 });
    const frame = { ...oneBit, attributes: { ...oneBit.attributes, '00280100': json('US', 1) } };
    if (uid === '1.2.840.10008.1.2.8.1') {
      const back = await decoded(frame, await imaging.encode(frame, uid), uid);
      expect(Buffer.compare(back.bytes, frame.bytes.subarray(0, 8))).toBe(0);
      return;
    }
    await expect(imaging.encode(frame, uid)).rejects.toMatchObject({
      code: 'transfer-syntax-unsupported',
      message: expect.stringMatching(/^Frame 1 cannot be encoded in .*: its pixels have one bit each\.$/),
    });
  });

  it('keeps an overlay in the bits that are not stored, or refuses', async () => {
    const shape = { ...gray, allocated: 16, stored: 12 } as const;
    const bytes = noise({ ...shape, stored: 16 });
    const frame = nativeFrame(shape, bytes);
    const result = await imaging.encode(frame, uid).catch((thrown: unknown) => thrown);
    if (result instanceof Error) {
      expect(result).toMatchObject({ message: expect.stringContaining('more than the stored bits') });
    } else {
      const back = await decoded(frame, result as CompressedFrame, uid);
      expect(Buffer.compare(back.bytes, bytes)).toBe(0);
    }
  });
});

describe('a color space', () => {
  it.each([
    ['1.2.840.10008.1.2.4.90', 'YBR_RCT'],
    ['1.2.840.10008.1.2.4.201', 'YBR_RCT'],
    ['1.2.840.10008.1.2.4.80', 'RGB'],
    ['1.2.840.10008.1.2.4.70', 'RGB'],
    ['1.2.840.10008.1.2.5', 'RGB'],
  ])('of RGB in %s is told as %s', async (uid, photometric) => {
    const frame = nativeFrame({ ...gray, samples: 3, allocated: 8, stored: 8, photometric: 'RGB' });
    expect((await imaging.encode(frame, uid)).photometricInterpretation).toBe(photometric);
  });
});

describe('JPEG Baseline', () => {
  const baseline = '1.2.840.10008.1.2.4.50';

  it.each([
    [1, 'MONOCHROME2', 'MONOCHROME2'],
    [3, 'RGB', 'YBR_FULL'],
    [3, 'YBR_FULL', 'YBR_FULL'],
  ] as const)(
    'of %i samples, %s, has a sample of each for each pixel and says %s',
    async (samples, photometric, said) => {
      const frame = nativeFrame({ ...gray, samples, allocated: 8, stored: 8, photometric });
      const { bytes, photometricInterpretation } = await imaging.encode(frame, baseline);
      expect(photometricInterpretation).toBe(said);
      const sof = Buffer.from(bytes).indexOf(Buffer.of(0xff, 0xc0));
      const factors = Array.from({ length: samples }, (_, index) => bytes[sof + 11 + 3 * index]);
      expect([bytes[sof + 9], ...factors]).toEqual([samples, ...factors.map(() => 0x11)]);
    },
  );
});
