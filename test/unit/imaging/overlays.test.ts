import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { describeFrame } from '../../../src/imaging/frame-description.ts';
import type { EncodedFrame } from '../../../src/imaging/imaging.ts';
import { describeOverlays, overlayBulkRanges } from '../../../src/imaging/overlays.ts';
import { decodeNative } from '../../../src/imaging/worker/codecs/decode-native.ts';
import { burnIn } from '../../../src/imaging/worker/render/burn-in.ts';
import { encodedFrame, imageAttributes, json } from '../../support/pixel-frames.ts';

const inline = (...bytes: number[]) => ({ vr: 'OW', InlineBinary: Buffer.from(bytes).toString('base64') }) as const;

/** 3 × 3 pixels of 16 bits, 12 of them stored. */
function image(overlay: DicomJson, over: Partial<EncodedFrame> = {}): EncodedFrame {
  const size = { '00280010': json('US', 3), '00280011': json('US', 3), '00280101': json('US', 12) };
  const attributes = imageAttributes({ ...size, '00280102': json('US', 11), ...overlay });
  return encodedFrame({ bytes: new Uint8Array(18), attributes, ...over });
}

/** The picture, `#` where an overlay was burned in. */
function burned(frame: EncodedFrame, channels: 1 | 3 = 1): string[] {
  const description = describeFrame(frame);
  const picture = { bytes: new Uint8Array(9 * channels), width: 3, height: 3, channels };
  burnIn(picture, describeOverlays(frame, description), decodeNative(frame.bytes, description));
  const marks = Array.from({ length: 9 }, (_, pixel) => {
    const samples = picture.bytes.subarray(pixel * channels, (pixel + 1) * channels);
    return samples.every((sample) => sample === 255) ? '#' : samples.every((sample) => sample === 0) ? '.' : '?';
  });
  return [0, 3, 6].map((start) => marks.slice(start, start + 3).join(''));
}

/** A cross of 3 × 3: bits 1, 3, 4, 5, 7. */
const cross = inline(0b10111010, 0);
const plane = (over: DicomJson = {}): DicomJson => ({
  '60000010': json('US', 3),
  '60000011': json('US', 3),
  '60000040': json('CS', 'G'),
  '60000050': json('SS', 1, 1),
  '60000100': json('US', 1),
  '60000102': json('US', 0),
  '60003000': cross,
  ...over,
});

describe('overlays', () => {
  it('are burned in white, in gray and in colour', () => {
    expect(burned(image(plane()))).toEqual(['.#.', '###', '.#.']);
    expect(burned(image(plane()), 3)).toEqual(['.#.', '###', '.#.']);
  });

  it('lie where their origin says, cut at the edges of the image', () => {
    expect(burned(image(plane({ '60000050': json('SS', 2, 0) })))).toEqual(['...', '#..', '##.']);
    expect(burned(image(plane({ '60000050': json('SS', -40, 9) })))).toEqual(['...', '...', '...']);
  });

  it('of several groups are all shown, regions of interest not', () => {
    const corner = { '601E0010': json('US', 1), '601E0011': json('US', 1), '601E3000': inline(1, 0) };
    expect(burned(image({ ...plane(), ...corner }))).toEqual(['##.', '###', '.#.']);
    expect(burned(image(plane({ '60000040': json('CS', 'R') })))).toEqual(['...', '...', '...']);
  });

  it('belong to all frames, or to those that they count', () => {
    const of = (frameNumber: number, over: DicomJson) => burned(image(plane(over), { frameNumber })).join('');
    const counted = { '60000015': json('IS', 2), '60000051': json('US', 2), '60003000': inline(0b10111010, 0b10, 0) };
    expect(of(7, {})).toBe('.#.###.#.');
    expect([1, 2, 3, 4].map((number) => of(number, counted))).toEqual([
      '.........',
      '.#.###.#.',
      '#........',
      '.........',
    ]);
  });

  it('that end early show what there is', () => {
    expect(burned(image(plane({ '60003000': inline(0b00111010) })))).toEqual(['.#.', '###', '...']);
    expect(burned(image(plane({ '60003000': { vr: 'OW' } })))).toEqual(['...', '...', '...']);
    expect(burned(image(plane({ '60000010': json('US', 0) })))).toEqual(['...', '...', '...']);
  });

  it('in the bits beside the pixel values are found there, and only there', () => {
    const embedded = (bit: number): DicomJson => ({ '60020100': json('US', 16), '60020102': json('US', bit) });
    const bytes = new Uint8Array(Uint16Array.of(0x2fff, 0, 0x2000, 0, 0x1000, 0, 0x2123, 0, 0).buffer);
    expect(burned(image(embedded(13), { bytes }))).toEqual(['#.#', '...', '#..']);
    expect(burned(image(embedded(12), { bytes }))).toEqual(['...', '.#.', '...']);
    expect(burned(image(embedded(3), { bytes }))).toEqual(['...', '...', '...']);
  });

  it('are not looked for in what a codec made', () => {
    const embedded = { '60020100': json('US', 16), '60020102': json('US', 13) };
    const frame = image(embedded, { transferSyntaxUid: '1.2.840.10008.1.2.4.80' });
    expect(describeOverlays(frame, describeFrame(frame))).toEqual([]);
  });

  it('that are bulk values are read for the frame that is shown', () => {
    const bulk = { vr: 'OW', BulkDataURI: '60003000' } as const;
    const frames = plane({ '60000015': json('IS', 9), '60003000': bulk });
    expect(overlayBulkRanges(frames, 1)).toMatchObject([{ path: '60003000', firstByte: 0, length: 2 }]);
    expect(overlayBulkRanges(frames, 9)).toMatchObject([{ path: '60003000', firstByte: 9, length: 2 }]);
    expect(overlayBulkRanges(frames, 10)).toEqual([]);
    const overlayData = new Map([['60003000', Uint8Array.of(0b10111010, 0)]]);
    expect(burned(image(plane({ '60003000': bulk }), { overlayData }))).toEqual(['.#.', '###', '.#.']);
    expect(burned(image(plane({ '60003000': bulk })))).toEqual(['...', '...', '...']);
  });

  it('beyond all bounds are refused by their tag', () => {
    const huge = plane({ '60000010': json('US', 65_535), '60000011': json('US', 65_535) });
    expect(() => overlayBulkRanges(huge, 1)).toThrow(expect.objectContaining({ code: 'cannot-render' }));
  });
});
