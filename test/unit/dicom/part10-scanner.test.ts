import { describe, expect, test } from 'vitest';
import { locateFrame } from '../../../src/dicom/frame-location.ts';
import { createPart10Scanner, type ScannerOptions } from '../../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../../src/dicom/scanned-instance.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  encapsulated,
  encodeDataSet,
  pixelElements,
  sequence,
} from '../../support/dicom-builder.ts';

const jpegBaseline = '1.2.840.10008.1.2.4.50';
const implicitLittle = '1.2.840.10008.1.2';

function scan(bytes: Uint8Array, options: ScannerOptions = {}): ScannedInstance {
  const scanner = createPart10Scanner(options);
  scanner.push(bytes);
  return scanner.end();
}

function scanElements(elements: readonly BuiltElement[], transferSyntaxUid?: string): ScannedInstance {
  return scan(buildPart10({ elements, ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }) }));
}

function refusal(bytes: Uint8Array, options: ScannerOptions = {}): CausewayError {
  try {
    scan(bytes, options);
  } catch (error) {
    if (error instanceof CausewayError) return error;
    throw error;
  }
  throw new Error('The file was not refused.');
}

const jpeg = (...middle: number[]) => Uint8Array.of(0xff, 0xd8, ...middle, 0xff, 0xd9);

function jpegFile(frames: number, pixelData: BuiltElement, ...more: BuiltElement[]): Buffer {
  const pixels = pixelElements({ rows: 2, columns: 2, frames, bitsAllocated: 8, pixelData });
  return buildPart10({
    transferSyntaxUid: jpegBaseline,
    elements: ctElements({}, ...pixels.slice(0, -1), ...more, pixelData),
  });
}

describe('the scanner knows early', () => {
  test('who an instance is, before its pixels have arrived', () => {
    const file = buildPart10({ elements: ctElements({}, ...pixelElements({ rows: 64, columns: 64 })) });
    const scanner = createPart10Scanner();
    expect(scanner.identity).toEqual({});
    scanner.push(file.subarray(0, 1000));
    expect(scanner.identity).toEqual({
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: '2.25.3',
      studyInstanceUid: '2.25.1',
      seriesInstanceUid: '2.25.2',
    });
  });

  test('who an instance is whose data set is never reached, as its transfer syntax is not known', () => {
    const scanner = createPart10Scanner();
    expect(() => scanner.push(buildPart10({ elements: ctElements(), claimedTransferSyntaxUid: '1.2.3.4' }))).toThrow();
    expect(scanner.identity).toEqual({
      transferSyntaxUid: '1.2.3.4',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: '2.25.3',
    });
  });

  test('that a file is refused', () => {
    const scanner = createPart10Scanner();
    expect(() => scanner.push(Buffer.alloc(200, 'x'))).toThrow(/no DICM at byte 128/);
  });

  test('that nobody knows the transfer syntax', () => {
    const { code, message } = refusal(buildPart10({ elements: ctElements(), claimedTransferSyntaxUid: '1.2.3.4' }));
    expect([code, message]).toEqual([
      'transfer-syntax-unsupported',
      'Transfer Syntax UID (0002,0010): the transfer syntax 1.2.3.4 is not known here.',
    ]);
  });
});

describe('values', () => {
  test('are decoded by the character set of the data set or item they are in', () => {
    const { attributes, warnings } = scanElements([
      element('00080005', 'CS', 'ISO_IR 100'),
      element('00081030', 'LO', Buffer.from('Schädel', 'latin1')),
      sequence('00081140', [
        [element('00080005', 'CS', 'ISO_IR 192'), element('00081030', 'LO', 'Schädel')],
        [element('00081030', 'LO', Buffer.from('Schädel', 'latin1'))],
      ]),
      element('00100010', 'PN', Buffer.from('Müller^Jörg', 'latin1')),
    ]);
    expect(attributes['00080005']?.Value).toEqual(['ISO_IR 192']);
    expect(attributes['00081030']?.Value).toEqual(['Schädel']);
    expect(attributes['00100010']?.Value).toEqual([{ Alphabetic: 'Müller^Jörg' }]);
    expect(attributes['00081140']?.Value).toMatchObject([
      { '00081030': { Value: ['Schädel'] } },
      { '00081030': { Value: ['Schädel'] } },
    ]);
    expect(warnings).toEqual([]);
  });

  test('are inline up to a kilobyte of bytes, and located above, also within sequences', () => {
    const document = Buffer.alloc(1026, 7);
    const file = buildPart10({
      elements: [
        element('00080018', 'UI', '1.2'),
        element('00420011', 'OB', document.subarray(0, 1024)),
        sequence('54000100', [[], [element('54001010', 'OW', document)]], { undefinedLength: true }),
      ],
    });
    const { attributes, bulk } = scan(file);
    expect(attributes['00420011']?.InlineBinary).toBe(document.subarray(0, 1024).toString('base64'));
    expect(attributes['54000100']?.Value).toEqual([
      {},
      { '54001010': { vr: 'OW', BulkDataURI: '54000100/1/54001010' } },
    ]);
    expect(bulk).toEqual([
      { path: '54000100/1/54001010', vr: 'OW', offset: expect.any(Number), length: 1026, bigEndian: false },
    ]);
    const { offset, length } = bulk[0]!;
    expect(file.subarray(offset, offset + length)).toEqual(document);
  });

  test('of lookup tables are always inline', () => {
    const table = Buffer.alloc(131_072, 1);
    const { attributes } = scanElements([
      element('00281201', 'OW', table),
      sequence('00283000', [[element('00283002', 'US', [0, 0, 16]), element('00283006', 'OW', table)]]),
    ]);
    expect(attributes['00281201']?.InlineBinary).toHaveLength(174_764);
    expect(attributes['00283000']?.Value?.[0]).toMatchObject({
      '00283006': { vr: 'OW', InlineBinary: expect.any(String) },
    });
  });

  test('too long to hold are located whatever their VR', () => {
    const { attributes, bulk } = scanElements([
      element('00080018', 'UI', '1.2'),
      element('00189445', 'UT', 'x'.repeat(1024 * 1024 + 2)),
      element(
        '00660040',
        'OL',
        Array.from({ length: 20_000 }, (_, i) => i),
      ),
    ]);
    expect(attributes['00189445']).toEqual({ vr: 'UT', BulkDataURI: '00189445' });
    expect(bulk.map(({ path }) => path)).toEqual(['00189445', '00660040']);
  });

  test('of big endian files come out little endian', () => {
    const { attributes, pixelData, bulk } = scanElements(
      [
        element('00080018', 'UI', '1.2'),
        element('00091001', 'OW', [0x0102, 0x0304]),
        element('00280010', 'US', [2]),
        ...pixelElements({ rows: 30, columns: 30 }).slice(1),
      ],
      '1.2.840.10008.1.2.2',
    );
    expect(attributes['00091001']?.InlineBinary).toBe(Buffer.of(2, 1, 4, 3).toString('base64'));
    expect(pixelData).toMatchObject({ kind: 'native', bigEndian: true, length: 1800 });
    expect(bulk).toMatchObject([{ path: '7FE00010', bigEndian: true }]);
  });

  test('that cannot be of their VR are kept as bytes', () => {
    const { attributes, warnings } = scanElements([
      element('00080018', 'UI', '1.2'),
      element('00280010', 'US', Uint8Array.of(1, 2, 3, 4)),
      element('00280030', 'FD', Uint8Array.of(1, 2, 3, 4)),
      element('00101030', 'DS', 'heavy'),
    ]);
    expect(attributes['00280010']?.Value).toEqual([0x0201, 0x0403]);
    expect(attributes['00280030']).toEqual({ vr: 'UN', InlineBinary: 'AQIDBA==' });
    expect(attributes['00101030']?.Value).toEqual(['heavy']);
    expect(warnings.map(({ kind, tag }) => [kind, tag])).toEqual([
      ['value-not-valid', '00280030'],
      ['value-not-valid', '00101030'],
    ]);
  });
});

describe('implicit VR', () => {
  test('takes ambiguous VRs from the attributes around them, also for items', () => {
    const { attributes } = scanElements(
      [
        element('00080018', 'UI', '1.2'),
        element('00280103', 'US', [1]),
        element('00280106', 'SS', [-5]),
        sequence('00283000', [
          [element('00283002', 'SS', [256, -1, 16]), element('00283006', 'OW', Buffer.alloc(512))],
        ]),
      ],
      implicitLittle,
    );
    expect(attributes['00280106']).toEqual({ vr: 'SS', Value: [-5] });
    expect(attributes['00283000']?.Value?.[0]).toMatchObject({
      '00283002': { vr: 'SS', Value: [256, -1, 16] },
      '00283006': { vr: 'OW' },
    });
  });

  test('knows private creators, published private attributes, and leaves the rest as UN', () => {
    const { attributes } = scanElements(
      [
        element('00080018', 'UI', '1.2'),
        element('70530010', 'LO', 'Philips PET Private Group'),
        element('70531000', 'DS', '0.000551'),
        element('70551000', 'DS', '1.5 '),
      ],
      implicitLittle,
    );
    expect(attributes['70530010']).toEqual({ vr: 'LO', Value: ['Philips PET Private Group'] });
    expect(attributes['70531000']).toEqual({ vr: 'DS', Value: [0.000551] });
    expect(attributes['70551000']?.vr).toBe('UN');
  });
});

describe('VR UN', () => {
  test('of undefined length is a sequence in Implicit VR Little Endian (CP-246), whatever is around it', () => {
    const items = [[element('00080100', 'SH', 'A'), element('00280010', 'US', [7])]];
    for (const transferSyntaxUid of ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2']) {
      const { attributes } = scanElements(
        [element('00080018', 'UI', '1.2'), sequence('00091001', items, { vr: 'UN', undefinedLength: true })],
        transferSyntaxUid,
      );
      expect(attributes['00091001']).toEqual({
        vr: 'SQ',
        Value: [{ '00080100': { vr: 'SH', Value: ['A'] }, '00280010': { vr: 'US', Value: [7] } }],
      });
    }
  });

  test('is read as what the dictionary says, if the bytes allow it', () => {
    const { attributes } = scanElements([
      sequence('00081140', [[element('00081155', 'UI', '1.2.3')]], { vr: 'UN' }),
      element('00081150', 'UN', Buffer.from('1.2\0')),
      element('00091001', 'UN', Buffer.from('unknown!')),
      element('00280010', 'UN', Uint8Array.of(1, 0)),
      element('00280030', 'UN', Buffer.from('0.5\\0.5 ')),
    ]);
    expect(attributes['00081140']).toEqual({ vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.2.3'] } }] });
    expect(attributes['00081150']).toEqual({ vr: 'UI', Value: ['1.2'] });
    expect(attributes['00091001']?.vr).toBe('UN');
    expect(attributes['00280010']).toEqual({ vr: 'US', Value: [1] });
    expect(attributes['00280030']).toEqual({ vr: 'DS', Value: [0.5, 0.5] });
  });

  test('stands for a VR that does not exist', () => {
    const { attributes, warnings } = scanElements([
      element('00080018', 'UI', '1.2'),
      element('00091001', 'ZZ', Uint8Array.of(1, 0)),
    ]);
    expect(attributes['00091001']?.vr).toBe('UN');
    expect(warnings[0]?.message).toMatch(/\(0009,1001\) at byte \d+ has the VR ZZ/);
  });
});

describe('what is not as it should be', () => {
  test('attributes out of order are kept, and come out ascending', () => {
    const { attributes } = scanElements([
      element('00100010', 'PN', 'A'),
      element('00080018', 'UI', '1.2'),
      element('00080060', 'CS', 'CT'),
    ]);
    expect(Object.keys(attributes)).toEqual(['00080018', '00080060', '00100010']);
  });

  test('group lengths and trailing padding are left out', () => {
    const { attributes, warnings } = scanElements([
      element('00080000', 'UL', [10]),
      element('00080018', 'UI', '1.2'),
      element('FFFCFFFC', 'OB', Buffer.alloc(20)),
    ]);
    expect(Object.keys(attributes)).toEqual(['00080018']);
    expect(warnings).toEqual([]);
  });

  test('zeros behind a data set are passed over, anything else is refused', () => {
    const elements = [element('00080018', 'UI', '1.2')];
    expect(scan(buildPart10({ elements, trailing: Buffer.alloc(512) })).warnings).toMatchObject([
      { kind: 'trailing-bytes' },
    ]);
    const rubbish = Buffer.concat([Buffer.alloc(20), Buffer.from('rubbish')]);
    expect(refusal(buildPart10({ elements, trailing: rubbish })).code).toBe('malformed');
  });

  test('behind the pixels anything is passed over', () => {
    const elements = ctElements({}, ...pixelElements({ rows: 2, columns: 2 }));
    const whole = scan(buildPart10({ elements }));
    for (const trailing of [
      Buffer.alloc(3),
      Buffer.from('TAPE LABEL 0001'),
      Buffer.from('\xe1\x7f\x01\x00OB\0\0\xff\xff\xff\x0f', 'latin1'),
    ]) {
      const { warnings, ...rest } = scan(buildPart10({ elements, trailing }));
      expect(warnings).toMatchObject([{ kind: 'trailing-bytes' }]);
      expect({ ...rest, warnings: [] }).toEqual(whole);
    }
  });

  test('attributes behind the pixels are read, in order or not', () => {
    const pixels = pixelElements({ rows: 2, columns: 2 });
    const { attributes, warnings } = scan(
      buildPart10({
        elements: [
          ...ctElements({}, ...pixels),
          element('00104000', 'LT', 'late'),
          sequence('FFFAFFFA', [[element('04000005', 'US', [1])]]),
        ],
      }),
    );
    expect(attributes['00104000']).toEqual({ vr: 'LT', Value: ['late'] });
    expect(attributes['FFFAFFFA']).toEqual({ vr: 'SQ', Value: [{ '04000005': { vr: 'US', Value: [1] } }] });
    expect(Object.keys(attributes).at(-1)).toBe('FFFAFFFA');
    expect(warnings).toEqual([]);
  });

  test('an attribute without VR among others that have one is read by the dictionary', () => {
    const stray = encodeDataSet([element('00081030', 'LO', 'stray!')], { explicitVr: false, bigEndian: false });
    const elements = [element('00080018', 'UI', '1.2')];
    const { attributes, warnings } = scan(buildPart10({ elements, trailing: stray }));
    expect(attributes['00081030']).toEqual({ vr: 'LO', Value: ['stray!'] });
    expect(warnings).toMatchObject([{ kind: 'encoding-differs', tag: '00081030' }]);
  });

  test('a delimiter that is missing is made up for where the end is plain', () => {
    const item = sequence('00081140', [[element('00080100', 'SH', 'A')]]).encodeValue({
      explicitVr: true,
      bigEndian: false,
    });
    const { attributes, warnings } = scanElements([
      element('00081140', 'SQ', item, { length: 0xffffffff }),
      element('00100010', 'PN', 'A'),
    ]);
    expect(attributes).toEqual({
      '00081140': { vr: 'SQ', Value: [{ '00080100': { vr: 'SH', Value: ['A'] } }] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'A' }] },
    });
    expect(warnings).toMatchObject([{ kind: 'length-repaired' }]);
  });

  test('a length beyond the item around it is refused by name and byte', () => {
    const file = buildPart10({
      elements: [
        sequence('00081140', [[element('00081155', 'UI', '1.2.3', { length: 400 })]]),
        element('00100010', 'PN', 'A'),
      ],
    });
    const { code, message, details } = refusal(file);
    expect(code).toBe('malformed');
    expect(message).toMatch(
      /^\(0008,1155\) ReferencedSOPInstanceUID at byte \d+ claims 400 bytes, 394 more than its item has\.$/,
    );
    expect(details).toMatchObject({ tag: '00081155', offset: expect.any(Number) });
  });

  test('the data set is what it is, not what the File Meta Information claims', () => {
    const bigEndian = '1.2.840.10008.1.2.2';
    const explicitLittle = '1.2.840.10008.1.2.1';
    for (const real of [implicitLittle, explicitLittle, bigEndian]) {
      for (const claimed of [implicitLittle, explicitLittle, bigEndian, null]) {
        const file = buildPart10({
          elements: ctElements(),
          transferSyntaxUid: real,
          claimedTransferSyntaxUid: claimed,
        });
        const { transferSyntaxUid, attributes, warnings } = scan(file);
        expect(transferSyntaxUid).toBe(real);
        expect(attributes['00100010']?.Value).toEqual([{ Alphabetic: 'Doe^John' }]);
        const kinds = real === claimed ? [] : [claimed === null ? 'meta-repaired' : 'encoding-differs'];
        expect(warnings.map(({ kind }) => kind)).toEqual(kinds);
      }
    }
  });
});

describe('limits', () => {
  const options = (limits: ScannerOptions['limits']) => ({ limits }) as ScannerOptions;

  test.each([
    ['maxDepth', 2, ctElements({}, deep(3))],
    ['maxElements', 10, ctElements({}, ...Array.from({ length: 9 }, (_, i) => element(`0009100${i}`, 'UN')))],
    ['maxMetadataBytes', 2000, ctElements({}, element('00104000', 'LT', 'x'.repeat(3000)))],
    ['maxFragments', 2, ctElements({}, encapsulated([jpeg(), jpeg(), jpeg()]))],
  ] as const)('%s is named when it is exceeded', (limit, value, elements) => {
    const { code, message, details } = refusal(buildPart10({ elements }), options({ [limit]: value }));
    expect(code).toBe('limit-exceeded');
    expect(message).toContain(limit);
    expect(details.limit).toBe(limit);
  });

  test('nesting up to the limit is read', () => {
    expect(scanElements(ctElements({}, deep(128))).attributes['00081140']).toBeDefined();
    expect(refusal(buildPart10({ elements: ctElements({}, deep(129)) })).details.limit).toBe('maxDepth');
  });

  function deep(levels: number): BuiltElement {
    const items = levels === 1 ? [[]] : [[deep(levels - 1)]];
    return sequence('00081140', items, { undefinedLength: true });
  }
});

describe('native pixels', () => {
  test('are located, with the size of a frame', () => {
    const pixels = Buffer.from(Array.from({ length: 24 }, (_, i) => i));
    const file = buildPart10({
      elements: ctElements({}, ...pixelElements({ rows: 2, columns: 3, frames: 2, pixelData: pixels })),
    });
    const { pixelData, attributes, bulk } = scan(file);
    expect(pixelData).toMatchObject({ kind: 'native', tag: '7FE00010', vr: 'OW', frames: 2, bitsPerFrame: 96 });
    expect(attributes['7FE00010']).toEqual({ vr: 'OW', BulkDataURI: '7FE00010' });
    expect(bulk).toMatchObject([{ path: '7FE00010', length: 24 }]);
    const { ranges } = locateFrame(pixelData!, 2);
    expect(file.subarray(ranges[0]!.offset, ranges[0]!.offset + ranges[0]!.length)).toEqual(pixels.subarray(12));
  });

  test('of two samples a pixel count as such', () => {
    const elements = pixelElements({
      rows: 2,
      columns: 4,
      bitsAllocated: 8,
      samplesPerPixel: 3,
      photometricInterpretation: 'YBR_FULL_422',
      pixelData: Buffer.alloc(16),
    });
    expect(scanElements(ctElements({}, ...elements))).toMatchObject({ pixelData: { bitsPerFrame: 128 }, warnings: [] });
  });

  test('of YBR_FULL_422 have three samples a pixel where there is room for them, which is told', () => {
    const elements = pixelElements({
      rows: 2,
      columns: 4,
      bitsAllocated: 8,
      samplesPerPixel: 3,
      frames: 2,
      photometricInterpretation: 'YBR_FULL_422',
    });
    expect(scanElements(ctElements({}, ...elements))).toMatchObject({
      pixelData: { bitsPerFrame: 192 },
      warnings: [{ kind: 'value-not-valid', tag: '00280004' }],
    });
  });

  test('that are fewer than promised are kept with a warning', () => {
    const { warnings } = scanElements(
      ctElements({}, ...pixelElements({ rows: 4, columns: 4, pixelData: Buffer.alloc(30) })),
    );
    expect(warnings).toMatchObject([{ kind: 'pixel-data-short', message: expect.stringMatching(/30 bytes.*need 32/) }]);
  });

  test('cut off by the end of the file are refused', () => {
    const file = buildPart10({ elements: ctElements({}, ...pixelElements({ rows: 4, columns: 4 })) });
    const { code, message } = refusal(file.subarray(0, -1));
    expect(code).toBe('truncated');
    expect(message).toMatch(/inside \(7FE0,0010\) PixelData, which claims 32 bytes/);
  });

  test('as floating point numbers are pixels too', () => {
    const [, ...pixels] = pixelElements({ rows: 1, columns: 1, bitsAllocated: 32 }).reverse();
    const { pixelData } = scanElements(ctElements({}, ...pixels.reverse(), element('7FE00008', 'OF', [1.5])));
    expect(pixelData).toMatchObject({ kind: 'native', tag: '7FE00008', vr: 'OF', bitsPerFrame: 32 });
  });
});

describe('encapsulated pixels', () => {
  const [a, b, c] = [jpeg(1, 1), jpeg(2, 2), jpeg(3, 3)] as const;
  const halves = [a.subarray(0, 4), a.subarray(4), b.subarray(0, 4), b.subarray(4)];

  function framesOf(file: Buffer): Buffer[] {
    const { pixelData } = scan(file);
    return Array.from({ length: pixelData!.frames }, (_, i) =>
      Buffer.concat(
        locateFrame(pixelData!, i + 1).ranges.map(({ offset, length }) => file.subarray(offset, offset + length)),
      ),
    );
  }

  test('have one fragment a frame without any table', () => {
    expect(framesOf(jpegFile(3, encapsulated([a, b, c])))).toEqual([a, b, c].map((frame) => Buffer.from(frame)));
  });

  test('are divided by the Basic Offset Table', () => {
    const file = jpegFile(2, encapsulated(halves, { basicOffsets: [0, 22] }));
    expect(scan(file)).toMatchObject({ pixelData: { frameStarts: Uint32Array.of(0, 2) }, warnings: [] });
    expect(framesOf(file)).toEqual([Buffer.from(a), Buffer.from(b)]);
  });

  test('are divided by the Extended Offset Table', () => {
    const file = jpegFile(
      2,
      encapsulated(halves),
      element('7FE00001', 'OV', [0n, 22n]),
      element('7FE00002', 'OV', [20n, 20n]),
    );
    expect(scan(file)).toMatchObject({ pixelData: { frameStarts: Uint32Array.of(0, 2) }, warnings: [] });
    expect(scan(file).attributes['7FE00001']).toMatchObject({ vr: 'OV', InlineBinary: expect.any(String) });
  });

  test('are divided where codestreams end and start, if there is no table or a wrong one', () => {
    const long = Buffer.concat([jpeg().subarray(0, 2), Buffer.alloc(5000, 1), Uint8Array.of(0xff, 0xd9)]);
    const fragments = [...halves, long.subarray(0, 3000), long.subarray(3000)];
    expect(framesOf(jpegFile(3, encapsulated(fragments)))).toEqual([Buffer.from(a), Buffer.from(b), long]);
    const wrong = jpegFile(3, encapsulated(fragments, { basicOffsets: [0, 20, 40] }));
    expect(framesOf(wrong)).toEqual([Buffer.from(a), Buffer.from(b), long]);
    expect(scan(wrong).warnings).toMatchObject([
      { kind: 'length-repaired', message: expect.stringContaining('offset table') },
    ]);
  });

  test('of unknown division say so when a frame is asked for', () => {
    const { pixelData } = scan(jpegFile(2, encapsulated([a.subarray(0, 2), a.subarray(2, 4), a.subarray(4)])));
    expect(() => locateFrame(pixelData!, 1)).toThrow(/2 frames in 3 fragments/);
  });

  test('that end with the file, between fragments, are kept with a warning', () => {
    const { pixelData, warnings } = scan(jpegFile(1, encapsulated([a], { delimiter: false })));
    expect(pixelData).toMatchObject({ kind: 'encapsulated', fragmentLengths: Float64Array.of(6) });
    expect(warnings).toMatchObject([{ kind: 'length-repaired' }]);
  });

  test('that end with the file inside a fragment are refused', () => {
    const file = jpegFile(1, encapsulated([Buffer.alloc(500)], { delimiter: false }));
    expect(refusal(file.subarray(0, -2))).toMatchObject({
      code: 'truncated',
      message: expect.stringMatching(/\(7FE0,0010\) PixelData/),
    });
  });

  test('of an icon are bulk data of their own and not the pixels of the instance', () => {
    const icon = sequence('00880200', [[element('00280010', 'US', [1]), encapsulated([a])]], { undefinedLength: true });
    const { pixelData, bulk } = scan(buildPart10({ transferSyntaxUid: jpegBaseline, elements: ctElements({}, icon) }));
    expect(pixelData).toBeUndefined();
    expect(bulk).toMatchObject([{ path: '00880200/0/7FE00010', vr: 'OB' }]);
  });

  test('under a transfer syntax for native pixels are known by their codestream', () => {
    const lossless = Uint8Array.of(0xff, 0xd8, 0xff, 0xc3, 0, 3, 8, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 0, 0, 0xff, 0xd9);
    const file = buildPart10({ elements: ctElements({}, encapsulated([lossless])) });
    expect(scan(file)).toMatchObject({
      transferSyntaxUid: '1.2.840.10008.1.2.4.70',
      pixelData: { kind: 'encapsulated' },
      warnings: [{ kind: 'encoding-differs', tag: '7FE00010' }],
    });
  });
});

describe('bare data sets', () => {
  const elements = ctElements();

  test('are taken where that is asked for, with what they prove to be', () => {
    const bytes = encodeDataSet(elements, { explicitVr: false, bigEndian: false });
    const { transferSyntaxUid, dataSetOffset, attributes, warnings } = scan(bytes, { acceptBareDataSets: true });
    expect([transferSyntaxUid, dataSetOffset]).toEqual([implicitLittle, 0]);
    expect(attributes['00080018']?.Value).toEqual(['2.25.3']);
    expect(warnings).toMatchObject([{ kind: 'meta-repaired' }]);
  });

  test('are refused otherwise', () => {
    const bytes = encodeDataSet(elements, { explicitVr: true, bigEndian: true });
    expect(refusal(bytes)).toMatchObject({
      code: 'not-dicom',
      message: expect.stringContaining('Explicit VR Big Endian'),
    });
  });
});
