import { crc32, deflateSync } from 'node:zlib';

const segmentBytes = 65_519;

/** A JPEG (ICC.1 §B.4) or PNG (ISO 15948 §11.3.3.3) that says by a profile what its colours are; the pixels stay. */
export function embedProfile(picture: Uint8Array, profile: Uint8Array): Buffer {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.length);
  return bytes.readUInt16BE(0) === 0xffd8 ? intoJpeg(bytes, profile) : intoPng(bytes, profile);
}

function intoJpeg(jpeg: Buffer, profile: Uint8Array): Buffer {
  // JFIF wants its own segment to be the first.
  const at = jpeg.readUInt16BE(2) === 0xffe0 ? 4 + jpeg.readUInt16BE(4) : 2;
  const count = Math.ceil(profile.length / segmentBytes);
  const segments = Array.from({ length: count }, (_, index) => {
    const piece = profile.subarray(index * segmentBytes, (index + 1) * segmentBytes);
    const head = Buffer.alloc(18);
    head.writeUInt16BE(0xffe2, 0);
    head.writeUInt16BE(16 + piece.length, 2);
    head.write('ICC_PROFILE\0', 4, 'latin1');
    head.writeUInt8(index + 1, 16);
    head.writeUInt8(count, 17);
    return Buffer.concat([head, piece]);
  });
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
}

/** Signature and header are 33 bytes. */
function intoPng(png: Buffer, profile: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(profile)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length - 4);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(content));
  return Buffer.concat([png.subarray(0, 33), length, content, check, png.subarray(33)]);
}
