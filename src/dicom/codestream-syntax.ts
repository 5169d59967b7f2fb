import { startsCodestream } from './codestream-marks.ts';
import { type TransferSyntax, transferSyntax } from './transfer-syntaxes.ts';

/** Bytes of a codestream in which its frame header is looked for. */
export const syntaxHeadBytes = 4096;

/**
 * Tells the transfer syntax of a codestream from its header: for files that keep compressed pixels under a transfer
 * syntax for uncompressed ones. JPEG 2000 and JPEG XL do not show whether something was lost, and count as lossy.
 * @see ISO 10918-1 Annex B, ISO 14495-1 Annex C, ISO 15444-1 Annex A, ISO 18181-2
 */
export function syntaxOfCodestream(bytes: Uint8Array): TransferSyntax | undefined {
  const uid = uidOfCodestream(bytes);
  return uid === undefined ? undefined : transferSyntax(`1.2.840.10008.1.2.4.${uid}`);
}

function uidOfCodestream(bytes: Uint8Array): string | undefined {
  if (startsCodestream('jpeg', bytes)) return uidOfJpeg(bytes);
  if (startsCodestream('jpeg-2000', bytes)) return isHighThroughput(bytes) ? '203' : '91';
  return startsCodestream('jpeg-xl', bytes) ? '112' : undefined;
}

/** Marker segments: FF, marker, two bytes of length that count themselves. */
export function* markerSegments(bytes: Uint8Array): Iterable<{ marker: number; at: number }> {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    yield { marker, at: at + 4 };
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
}

function uidOfJpeg(bytes: Uint8Array): string | undefined {
  let lossless: 'jpeg' | 'jpeg-ls' | undefined;
  for (const { marker, at } of markerSegments(bytes)) {
    if (marker === 0xc0) return '50';
    if (marker === 0xc1) return '51';
    if (marker === 0xc2) return '55';
    if (marker === 0xc3) lossless = 'jpeg';
    if (marker === 0xf7) lossless = 'jpeg-ls';
    if (marker === 0xda && lossless !== undefined) {
      // Behind the components of the scan: the predictor of lossless JPEG, the allowed error of JPEG-LS.
      const parameter = bytes[at + 1 + 2 * (bytes[at] ?? 0)];
      if (lossless === 'jpeg') return parameter === 1 ? '70' : '57';
      return parameter === 0 ? '80' : '81';
    }
  }
  return undefined;
}

/** Extended capabilities (CAP) announce the block coder of ISO 15444-15. */
function isHighThroughput(bytes: Uint8Array): boolean {
  for (const { marker, at } of markerSegments(bytes)) {
    if (marker === 0x50) return (bytes[at + 1]! & 0x02) !== 0;
  }
  return false;
}
