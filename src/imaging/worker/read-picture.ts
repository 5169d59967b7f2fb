import sharp from 'sharp';
import type { NativePicture } from '../../dicom/native-picture.ts';
import { CausewayError } from '../../kernel/errors.ts';

/**
 * Unpacks a PNG (ISO 15948) as it is: no colour management, no scaling. Palettes become colours, and fewer than eight bits
 * become eight.
 * @throws CausewayError `malformed` if it is no PNG, too large, or shows through somewhere
 */
export async function readPicture(bytes: Uint8Array, maxBytes: number): Promise<NativePicture> {
  const source = () => sharp(bytes, { ignoreIcc: true, limitInputPixels: false, failOn: 'warning' });
  const { format, width, height, space, depth, icc, hasAlpha } = await source().metadata();
  if (format !== 'png') throw new CausewayError('malformed', 'The picture is not a PNG.');
  if (width > 0xffff || height > 0xffff) {
    throw new CausewayError('malformed', `The picture has ${width} × ${height} pixels, more than DICOM can say.`);
  }
  const isWide = depth === 'ushort';
  const isGray = space === 'b-w' || space === 'grey16';
  if (width * height * 4 * (isWide ? 2 : 1) > maxBytes) {
    throw new CausewayError('limit-exceeded', `The picture unpacks to more than ${maxBytes} bytes (maxFrameBytes).`, {
      details: { limit: 'maxFrameBytes' },
    });
  }
  if (hasAlpha && !(await source().stats()).isOpaque) {
    throw new CausewayError(
      'malformed',
      'The picture is transparent somewhere, which Pixel Data (7FE0,0010) cannot be.',
    );
  }
  const gray = isWide ? 'grey16' : 'b-w';
  const color = isWide ? 'rgb16' : 'srgb';
  const { data, info } = await source()
    .removeAlpha()
    .toColourspace(isGray ? gray : color)
    .raw({ depth: isWide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    bytes: new Uint8Array(data),
    rows: info.height,
    columns: info.width,
    samplesPerPixel: isGray ? 1 : 3,
    bitsAllocated: isWide ? 16 : 8,
    ...(icc === undefined || isGray ? {} : { iccProfile: new Uint8Array(icc) }),
  };
}
