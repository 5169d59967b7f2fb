import { describe, expect, it } from 'vitest';
import { decodedFrameBytes, describeFrame } from '../../../src/imaging/frame-description.ts';
import { encodedFrame, imageAttributes, json } from '../../support/pixel-frames.ts';

describe('the description of a frame', () => {
  it('reads the Image Pixel Module', () => {
    expect(describeFrame(encodedFrame())).toMatchObject({
      codec: 'native',
      byteOrder: 'little',
      rows: 2,
      columns: 4,
      samplesPerPixel: 1,
      bitsAllocated: 16,
      bitsStored: 12,
      highBit: 11,
      pixelRepresentation: 0,
      photometricInterpretation: 'MONOCHROME2',
      isFloat: false,
    });
  });

  it('reads numbers that came as strings', () => {
    expect(describeFrame(encodedFrame({ attributes: imageAttributes({ '00280010': json('IS', ' 2 ') }) })).rows).toBe(
      2,
    );
  });

  it.each([
    ['7FE00008', 32],
    ['7FE00009', 64],
  ])('knows floating point pixels by their attribute %s', (tag, bits) => {
    const attributes = imageAttributes({ [tag]: { vr: 'OF', BulkDataURI: tag } });
    expect(describeFrame(encodedFrame({ attributes }))).toMatchObject({
      isFloat: true,
      bitsAllocated: bits,
      bitsStored: bits,
    });
  });

  it.each([
    ['OB', 8, 'little'],
    ['OW', 8, 'word-swapped'],
    ['OW', 16, 'big'],
  ] as const)('in big endian, %s of %i bits is %s', (vr, bits, byteOrder) => {
    const attributes = imageAttributes({
      '00280100': json('US', bits),
      '00280101': json('US', bits),
      '7FE00010': { vr, BulkDataURI: '7FE00010' },
    });
    expect(describeFrame(encodedFrame({ attributes, transferSyntaxUid: '1.2.840.10008.1.2.2' })).byteOrder).toBe(
      byteOrder,
    );
  });

  it('does not believe a High Bit that leaves no room for Bits Stored', () => {
    expect(describeFrame(encodedFrame({ attributes: imageAttributes({ '00280102': json('US', 3) }) })).highBit).toBe(
      11,
    );
    expect(describeFrame(encodedFrame({ attributes: imageAttributes({ '00280102': json('US', 15) }) })).highBit).toBe(
      15,
    );
  });

  it.each([
    ['Rows (0028,0010) is missing', '00280010', undefined],
    ['Rows (0028,0010) is 0', '00280010', 0],
    ['Columns (0028,0011) is 2.5', '00280011', 2.5],
    ['Bits Allocated (0028,0100) is 12', '00280100', 12],
    ['Bits Stored (0028,0101) is 17', '00280101', 17],
    ['Samples per Pixel (0028,0002) is 9', '00280002', 9],
  ])('says that %s', (message, tag, value) => {
    const attributes = imageAttributes({ [tag]: value === undefined ? { vr: 'US' } : json('US', value) });
    expect(() => describeFrame(encodedFrame({ attributes }))).toThrow(message);
  });

  it('refuses a transfer syntax that it does not know', () => {
    const frame = encodedFrame({ transferSyntaxUid: '1.2.3' });
    expect(() => describeFrame(frame)).toThrow(expect.objectContaining({ code: 'transfer-syntax-unsupported' }));
  });

  it('counts the bytes of a decoded frame, one-bit pixels in whole bytes', () => {
    expect(decodedFrameBytes(describeFrame(encodedFrame()))).toBe(16);
    const attributes = imageAttributes({
      '00280011': json('US', 5),
      '00280100': json('US', 1),
      '00280101': json('US', 1),
    });
    expect(decodedFrameBytes(describeFrame(encodedFrame({ attributes })))).toBe(2);
  });
});
