import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { endsCodestream, startsCodestream } from '../../../src/dicom/codestream-marks.ts';
import { syntaxHeadBytes, syntaxOfCodestream } from '../../../src/dicom/codestream-syntax.ts';
import { locateFrame } from '../../../src/dicom/frame-location.ts';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import { transferSyntax } from '../../../src/dicom/transfer-syntaxes.ts';
import { hasSharedFiles, sharedFiles } from '../../support/shared-files.ts';

describe('the ends of a codestream', () => {
  test('are told by its family', () => {
    const soi = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);
    const soc = Uint8Array.of(0xff, 0x4f, 0xff, 0x51);
    expect(startsCodestream('jpeg', soi)).toBe(true);
    expect(startsCodestream('jpeg-ls', soi)).toBe(true);
    expect(startsCodestream('jpeg-2000', soi)).toBe(false);
    expect(startsCodestream('htj2k', soc)).toBe(true);
    expect(startsCodestream('jpeg-xl', Uint8Array.of(0xff, 0x0a))).toBe(true);
    expect(startsCodestream('jpeg-xl', Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'))).toBe(true);
    expect(startsCodestream('rle', Uint8Array.of(3, 0, 0, 0, 64, 0, 0, 0))).toBe(true);
    expect(startsCodestream('rle', Uint8Array.of(16, 0, 0, 0, 64, 0, 0, 0))).toBe(false);
    expect(startsCodestream('native', soi)).toBe(false);
  });

  test('may be followed by padding', () => {
    expect(endsCodestream('jpeg', Uint8Array.of(1, 2, 0xff, 0xd9))).toBe(true);
    expect(endsCodestream('jpeg', Uint8Array.of(1, 0xff, 0xd9, 0))).toBe(true);
    expect(endsCodestream('jpeg', Uint8Array.of(1, 2, 3, 4))).toBe(false);
    expect(endsCodestream('rle', Uint8Array.of(1, 2, 3, 4))).toBe(true);
  });
});

describe('the transfer syntax of a codestream', () => {
  test.each([
    ['nothing', []],
    ['something else', [1, 2, 3, 4]],
    ['a JPEG without frame header', [0xff, 0xd8, 0xff, 0xd9]],
    ['a segment whose length leads nowhere', [0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0]],
    ['a lossless JPEG cut off before its scan', [0xff, 0xd8, 0xff, 0xc3, 0, 4, 8, 0]],
  ])('of %s is not known', (_, bytes) => {
    expect(syntaxOfCodestream(Uint8Array.from(bytes))).toBeUndefined();
  });

  test.skipIf(!hasSharedFiles)('is recognised in real files (needs ../shared)', () => {
    let recognised = 0;
    for (const { name, path, transferSyntaxUid, storable } of sharedFiles()) {
      const syntax = transferSyntax(transferSyntaxUid);
      if (!storable || !syntax?.encapsulated || syntax.video || name.includes('malformed')) continue;
      const bytes = readFileSync(path);
      const scanner = createPart10Scanner();
      scanner.push(bytes);
      const { ranges } = locateFrame(scanner.end().pixelData!, 1);
      const head = bytes.subarray(ranges[0]!.offset, ranges[0]!.offset + Math.min(ranges[0]!.length, syntaxHeadBytes));
      const found = syntaxOfCodestream(head);
      if (found === undefined) {
        expect(['rle', 'deflated-frame', 'native', 'jpeg-xl'], name).toContain(syntax.codec);
        continue;
      }
      recognised++;
      expect(found.codec, name).toBe(syntax.codec);
    }
    expect(recognised).toBeGreaterThan(20);
  });
});
