import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDataSetConverter } from '../../../src/dicom/data-set-converter.ts';
import { explicitElement, explicitHeader } from '../../../src/dicom/explicit-element.ts';
import { swapped } from '../../../src/dicom/number-swap.ts';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import type { Piece } from '../../../src/dicom/piece-writer.ts';
import type { ScannedInstance } from '../../../src/dicom/scanned-instance.ts';
import { transferSyntax } from '../../../src/dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { convertedDataSet, convertedFile, implicitFileHeader } from '../../support/convert-file.ts';
import { assemble, dataSetSamples, sample } from '../../support/data-set-samples.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  encapsulated,
  encodeDataSet,
  inTagOrder,
  pixelElements,
  sequence,
} from '../../support/dicom-builder.ts';
import { hasSharedFiles, malformedFiles, sharedFiles } from '../../support/shared-files.ts';

const explicitLittle = '1.2.840.10008.1.2.1';
const implicitLittle = '1.2.840.10008.1.2';
const explicitBig = '1.2.840.10008.1.2.2';
const jpegBaseline = '1.2.840.10008.1.2.4.50';
const little = { explicitVr: true, bigEndian: false };

function scan(file: Uint8Array): ScannedInstance {
  const scanner = createPart10Scanner({ acceptBareDataSets: true });
  scanner.push(file);
  return scanner.end();
}

/** A data set of a CT with these attributes, converted; and what it should be. */
function convertCt(transferSyntaxUid: string, ...more: BuiltElement[]): { converted: Buffer; expected: Buffer } {
  const elements = ctElements({}, ...more);
  const file = buildPart10({ elements, transferSyntaxUid });
  return {
    converted: convertedDataSet(file, {}, 100),
    expected: encodeDataSet(elements, little),
  };
}

describe('a data set that is converted', () => {
  test.each([implicitLittle, explicitBig, explicitLittle])(
    'from %s says the same, in chunks of any size',
    (transferSyntaxUid) => {
      fc.assert(
        fc.property(dataSetSamples, fc.integer({ min: 1, max: 200 }), (parts, chunkBytes) => {
          const { elements, json } = assemble([sample('00080005', 'CS', 'ISO_IR 192', ['ISO_IR 192']), ...parts]);
          const file = buildPart10({ elements, transferSyntaxUid });
          const { attributes, warnings } = scan(convertedFile(file, {}, chunkBytes));
          expect(attributes).toEqual(json);
          expect(warnings).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );

  test.each([implicitLittle, explicitBig, explicitLittle])(
    'from %s to Implicit VR says the same, in chunks of any size',
    (transferSyntaxUid) => {
      fc.assert(
        fc.property(dataSetSamples, fc.integer({ min: 1, max: 200 }), (parts, chunkBytes) => {
          const { elements } = assemble([sample('00080005', 'CS', 'ISO_IR 192', ['ISO_IR 192']), ...parts]);
          const converted = convertedDataSet(
            buildPart10({ elements, transferSyntaxUid }),
            { target: 'implicit' },
            chunkBytes,
          );
          const direct = buildPart10({ elements, transferSyntaxUid: implicitLittle });
          expect(scan(Buffer.concat([implicitFileHeader, converted])).attributes).toEqual(scan(direct).attributes);
        }),
        { numRuns: 200 },
      );
    },
  );

  test('of plain attributes is what an implicit writer would have written, byte for byte', () => {
    const pixels = pixelElements({ rows: 7, columns: 9, pixelData: Uint8Array.from({ length: 126 }, (_, at) => at) });
    const elements = ctElements({}, ...pixels, element('00189073', 'FD', [1.5, -2]));
    for (const transferSyntaxUid of [explicitLittle, implicitLittle]) {
      const file = buildPart10({ elements, transferSyntaxUid });
      expect(convertedDataSet(file, { target: 'implicit' }, 100)).toEqual(
        encodeDataSet(elements, { explicitVr: false, bigEndian: false }),
      );
    }
  });

  test('of plain attributes is what an explicit writer would have written, byte for byte', () => {
    const pixels = pixelElements({ rows: 7, columns: 9, pixelData: Uint8Array.from({ length: 126 }, (_, at) => at) });
    const { converted, expected } = convertCt(implicitLittle, ...pixels, element('00189073', 'FD', [1.5, -2]));
    expect(converted).toEqual(expected);
  });

  test('that was big endian has every number turned round, a pixel cell as a whole, and text and bytes not', () => {
    const cells = Uint8Array.from({ length: 24 }, (_, at) => at);
    const numbers = [
      element('00080054', 'AE', 'AB'),
      element('00280009', 'AT', [0x7fe00010]),
      element('00186030', 'UL', [1, 0x12345678]),
      element('00089459', 'FL', [1.25]),
      element('54001010', 'OW', [1, 2, 3]),
    ];
    const image = pixelElements({ rows: 2, columns: 3, bitsAllocated: 32, pixelData: cells });
    const { converted, expected } = convertCt(explicitBig, ...numbers, ...image);
    expected.set(swapped(cells, 4), expected.length - cells.length);
    expect(converted).toEqual(expected);
  });

  test('loses the lengths of its groups and keeps its private attributes, the unknown ones as UN', () => {
    const { converted } = convertCt(
      implicitLittle,
      element('00080000', 'UL', [1234]),
      element('00090010', 'LO', 'SOMEBODY'),
      element('00091001', 'UN', Uint8Array.of(1, 2, 3, 4)),
      element('70530010', 'LO', 'Philips PET Private Group'),
      element('70531000', 'DS', '1.25'),
    );
    const text = converted.toString('latin1');
    expect(text).not.toContain('\x08\x00\x00\x00UL');
    expect(text).toContain('\x09\x00\x01\x10UN\x00\x00\x04\x00\x00\x00\x01\x02\x03\x04');
    expect(text).toContain('\x53\x70\x00\x10DS\x04\x001.25');
  });

  test('keeps sequences within UN as they are, implicit, also from big endian', () => {
    const within = [element('00280010', 'US', [258]), element('00100020', 'LO', 'AB')];
    for (const undefinedLength of [true, false]) {
      const built = sequence('00091002', [within, within], { vr: 'UN', undefinedLength });
      const { converted, expected } = convertCt(explicitBig, element('00090010', 'LO', 'SOMEBODY'), built);
      expect(converted).toEqual(expected);
    }
  });

  test('writes a value as UN that is too long for its VR, and as it is up to 65,534 bytes', () => {
    const long = '1\\'.repeat(32_767);
    const contour = (value: string) => {
      const { converted } = convertCt(implicitLittle, element('30060050', 'DS', value));
      return converted.subarray(converted.length - value.length - 12).toString('latin1');
    };
    expect(contour(long).endsWith(`\x06\x30\x50\x00DS\xfe\xff${long}`)).toBe(true);
    expect(contour(`${long}1 `)).toBe(`\x06\x30\x50\x00UN\x00\x00\x00\x00\x01\x00${long}1 `);
  });

  test('gives a long value away as it comes, and holds none of it', () => {
    const image = pixelElements({ rows: 1024, columns: 1024, pixelData: new Uint8Array(2 * 1024 * 1024).fill(7) });
    const file = buildPart10({ elements: ctElements({}, ...image), transferSyntaxUid: explicitBig });
    const converter = createDataSetConverter();
    let given = 0;
    for (let at = 0; at < file.length; at += 999) {
      for (const piece of converter.push(file.subarray(at, at + 999))) given += piece.length;
      if (at > 999) expect(at - given).toBeLessThan(1500);
    }
    expect(converter.end()).toEqual([]);
  });

  const pixels = pixelElements({ rows: 4, columns: 4 });
  const within = Buffer.alloc(60, 7);

  test.each([
    ['with a length that leads beyond the end', element('7FE11010', 'OB', within, { length: 500 })],
    [
      'of an undefined length',
      { ...element('7FE11010', 'UN', Buffer.from('\xfe\xff\0\xe0\xff\xff\xff\xff', 'latin1')), undefinedLength: true },
    ],
  ])('ends before bytes that only look like an attribute %s', (_what, stray) => {
    for (const transferSyntaxUid of [explicitLittle, implicitLittle, explicitBig]) {
      const encoding = {
        explicitVr: transferSyntaxUid !== implicitLittle,
        bigEndian: transferSyntaxUid === explicitBig,
      };
      const trailing = encodeDataSet([stray], encoding);
      const elements = ctElements({}, ...pixels);
      const file = buildPart10({ elements, transferSyntaxUid, trailing });
      expect(scan(file).warnings).toMatchObject([{ kind: 'trailing-bytes' }]);
      for (const chunkBytes of [1, 17, 65_536]) {
        expect(convertedDataSet(file, {}, chunkBytes)).toEqual(encodeDataSet(elements, little));
      }
    }
  });

  test('has what nobody knows behind its pixels, be it long or short', () => {
    for (const bytes of [6, 3_000_000]) {
      const elements = ctElements({}, ...pixels, element('7FE11010', 'OB', Buffer.alloc(bytes, 3)));
      expect(convertedDataSet(buildPart10({ elements })).equals(encodeDataSet(elements, little))).toBe(true);
    }
  });

  test('that ends early is refused in the words of the scanner', () => {
    const file = buildPart10({ elements: ctElements({}, ...pixelElements({ rows: 4, columns: 4 })) });
    const cut = file.subarray(0, file.length - 3);
    expect(() => convertedDataSet(cut)).toThrow(/inside \(7FE0,0010\) PixelData/);
  });
});

describe('a data set that is kept but for some attributes', () => {
  const fragments = encapsulated([Buffer.from('abcd'), Buffer.from('efgh')], { basicOffsets: [0] });
  const image = pixelElements({ rows: 2, columns: 2, bitsAllocated: 8, pixelData: fragments });
  const within = [element('00280004', 'CS', 'WITHIN'), encapsulated([Buffer.from('icon')])];
  const kept = [
    sequence('00081140', [within, within], { undefinedLength: true }),
    sequence('00880200', [within]),
    sequence('00091002', [[element('00280010', 'US', [258])]], { vr: 'UN', undefinedLength: true }),
    element('FFFCFFFC', 'OB', Uint8Array.of(0, 0)),
  ];
  const elements = ctElements({}, ...image, ...kept);
  const file = buildPart10({ elements, transferSyntaxUid: jpegBaseline });

  test('is the same to the byte where nothing is to be changed', () => {
    const expected = encodeDataSet(elements, little);
    for (const chunkBytes of [1, 17, 65_536]) {
      expect(convertedDataSet(file, {}, chunkBytes)).toEqual(expected);
    }
  });

  test('has attributes replaced, put in and left out in its own level only, and pixels put in', () => {
    const edits = new Map<number, readonly Piece[]>([
      [0x00020000, []],
      [0x00080060, []],
      [0x00080064, [explicitElement(0x00080064, 'CS', Buffer.from('WSD '))]],
      [0x00280004, [explicitElement(0x00280004, 'CS', Buffer.from('RGB '))]],
      [0x7fe00010, [explicitHeader(0x7fe00010, 'OB', 8), 'splice']],
      [0xfffcfffd, [explicitElement(0xfffcfffd, 'UN', Buffer.from('last'))]],
    ]);
    const changed = [
      ...elements.filter(({ tag }) => !['00080060', '00280004', '7FE00010'].includes(tag)),
      element('00080064', 'CS', 'WSD '),
      element('00280004', 'CS', 'RGB '),
      element('7FE00010', 'OB', Buffer.from('SPLICED!')),
      element('FFFCFFFD', 'UN', Buffer.from('last')),
    ];
    const expected = encodeDataSet(inTagOrder(changed), little);
    for (const chunkBytes of [1, 17, 65_536]) {
      expect(convertedDataSet(file, { edits }, chunkBytes)).toEqual(expected);
    }
  });

  test('loses the lengths of its own groups where something is changed, which may be in any of them', () => {
    const lengths = ['00280000', '7FE00000'].map((tag) => element(tag, 'UL', [1234]));
    const explicit = (...more: BuiltElement[]) => ctElements({}, ...pixelElements({ rows: 1, columns: 1 }), ...more);
    const grouped = buildPart10({ elements: explicit(...lengths) });
    expect(convertedDataSet(grouped)).toEqual(encodeDataSet(explicit(...lengths), little));
    const edits = new Map([[0x00280107, []]]);
    expect(convertedDataSet(grouped, { edits })).toEqual(encodeDataSet(explicit(), little));
  });

  test('loses an attribute that is there twice if it is replaced', () => {
    const twice = buildPart10({ elements: [...ctElements(), element('00080060', 'CS', 'MR')] });
    const edits = new Map([[0x00080060, [explicitElement(0x00080060, 'CS', Buffer.from('US'))]]]);
    const expected = encodeDataSet(
      ctElements().map((built) => (built.tag === '00080060' ? element('00080060', 'CS', 'US') : built)),
      little,
    );
    expect(convertedDataSet(twice, { edits })).toEqual(expected);
  });
});

describe.runIf(hasSharedFiles)('real files', () => {
  const isPlain = (uid: string) => transferSyntax(uid)?.deflated === false;

  function tryScan(file: Uint8Array): ScannedInstance | undefined {
    try {
      return scan(file);
    } catch {
      return undefined;
    }
  }

  test('say the same when they are converted, and their values in the same bytes', () => {
    let converted = 0;
    for (const { path, name, transferSyntaxUid } of sharedFiles().filter((one) => isPlain(one.transferSyntaxUid))) {
      const file = readFileSync(path);
      const before = tryScan(file);
      if (before === undefined || before.pixelData?.kind === 'encapsulated') continue;
      const result = convertedFile(file, {}, 10_007);
      const after = scan(result);
      expect(after.attributes, name).toEqual(before.attributes);
      expect(after.bulk.map(({ path: at, length }) => [at, length])).toEqual(
        before.bulk.map(({ path: at, length }) => [at, length]),
      );
      if (transferSyntaxUid !== explicitBig) {
        const bytesOf = (from: Buffer, { bulk }: ScannedInstance) =>
          bulk.map(({ offset, length }) => from.subarray(offset, offset + length));
        expect(Buffer.concat(bytesOf(result, after)).equals(Buffer.concat(bytesOf(file, before))), name).toBe(true);
      }
      converted += 1;
    }
    expect(converted).toBeGreaterThan(50);
  });

  test('are the same to the byte where they are explicit and nothing is to be changed', () => {
    let kept = 0;
    for (const { path, name } of sharedFiles()) {
      const file = readFileSync(path);
      const before = tryScan(file);
      const syntax = before && transferSyntax(before.transferSyntaxUid);
      if (!before || !syntax?.explicitVr || syntax.bigEndian || before.warnings.length > 0) continue;
      const result = convertedDataSet(file, {}, 10_007);
      expect(result.equals(file.subarray(before.dataSetOffset)), name).toBe(true);
      kept += 1;
    }
    expect(kept).toBeGreaterThan(50);
  });

  test('that are malformed are converted to what the scanner makes of them, or refused in words', () => {
    for (const { path, name } of malformedFiles()) {
      const file = readFileSync(path);
      const before = tryScan(file);
      let result: Buffer;
      try {
        result = convertedFile(file, {}, 100);
      } catch (error) {
        expect(error, name).toBeInstanceOf(CausewayError);
        continue;
      }
      expect(scan(result).attributes, name).toEqual(before?.attributes);
    }
  });
});
