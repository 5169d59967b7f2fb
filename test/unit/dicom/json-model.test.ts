import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFileHeader } from '../../../src/dicom/file-meta.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue } from '../../../src/dicom/json-model.ts';
import { validateDicomJson } from '../../../src/dicom/json-validation.ts';
import { writeDataSet } from '../../../src/dicom/json-writer.ts';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../../src/dicom/scanned-instance.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

function scanned(dataSet: DicomJson): ScannedInstance {
  const scanner = createPart10Scanner();
  scanner.push(
    encodeFileHeader({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.7',
      sopInstanceUid: '2.25.7',
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      sourceAeTitle: 'SENDER',
    }),
  );
  scanner.push(writeDataSet(dataSet));
  return scanner.end();
}

const word = fc.stringMatching(/^[A-Za-zäöüÄß日本語9-]{1,12}$/).filter((text) => !text.endsWith(' '));
const values = <T extends DicomJsonValue>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: 1, maxLength: 4 });
const withValue = (vr: DicomJsonElement['vr'], of: fc.Arbitrary<DicomJsonValue>): fc.Arbitrary<DicomJsonElement> =>
  values(of).map((list) => ({ vr, Value: list }));
const integer = (min: number, max: number) => fc.integer({ min, max });
const bytes = (multiple: number) =>
  fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .map((array) => Buffer.from(Array.from({ length: array.length * multiple }, (_, i) => array[i % array.length]!)))
    .filter(({ length }) => length % 2 === 0)
    .map((buffer) => buffer.toString('base64'));

/** Any attribute that has one way of being written in JSON. */
const leaf: fc.Arbitrary<DicomJsonElement> = fc.oneof(
  withValue('SH', word),
  withValue('LO', word),
  withValue('UC', word),
  withValue('CS', fc.stringMatching(/^[A-Z0-9_]{1,16}$/)),
  withValue('DA', fc.constantFrom('20260101', '19991231')),
  withValue('UI', fc.constantFrom('1.2.3', '2.25.123456789')),
  word.map((text): DicomJsonElement => ({ vr: 'UT', Value: [`${text}\\${text}\n.`] })),
  withValue(
    'DS',
    fc.oneof(
      integer(-99999, 99999),
      fc.double({ min: -1000, max: 1000, noNaN: true }).map((n) => Number(n.toFixed(4)) + 0),
    ),
  ),
  withValue('IS', integer(-(2 ** 31), 2 ** 31 - 1)),
  withValue('US', integer(0, 65535)),
  withValue('SS', integer(-32768, 32767)),
  withValue('UL', integer(0, 2 ** 32 - 1)),
  withValue('SL', integer(-(2 ** 31), 2 ** 31 - 1)),
  withValue('SV', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(longInteger)),
  withValue('UV', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(longInteger)),
  withValue(
    'FL',
    fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('NaN', 'Infinity', '-Infinity')),
  ),
  withValue('FD', fc.double({ noNaN: true, noDefaultInfinity: true })),
  withValue('AT', fc.constantFrom('00100010', '7FE00010')),
  withValue(
    'PN',
    word.map((Alphabetic) => ({ Alphabetic })),
  ),
  withValue(
    'PN',
    fc.tuple(word, word).map(([Alphabetic, Phonetic]) => ({ Alphabetic, Phonetic })),
  ),
  bytes(1).map((InlineBinary): DicomJsonElement => ({ vr: 'OB', InlineBinary })),
  bytes(2).map((InlineBinary): DicomJsonElement => ({ vr: 'OW', InlineBinary })),
  bytes(8).map((InlineBinary): DicomJsonElement => ({ vr: 'OV', InlineBinary })),
  fc.constantFrom<DicomJsonElement>({ vr: 'LO' }, { vr: 'OB' }, { vr: 'SQ' }, { vr: 'PN' }),
);

function longInteger(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** Private tags mean nothing, so that any VR can stand at any of them. */
const tag = fc
  .integer({ min: 0x1000, max: 0xffff })
  .map((element) => `0009${element.toString(16).toUpperCase().padStart(4, '0')}`);

const { dataSet } = fc.letrec<{ dataSet: DicomJson; element: DicomJsonElement }>((tie) => ({
  dataSet: fc.dictionary(tag, tie('element'), { maxKeys: 5 }).map(ascending),
  element: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('dataSet'), { minLength: 1, maxLength: 3 }).map((Value): DicomJsonElement => ({ vr: 'SQ', Value })),
  ),
}));

function ascending(attributes: Record<string, DicomJsonElement>): DicomJson {
  return Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** UTF-8 is declared where it is needed, by each data set for itself. */
function withoutDeclarations(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json), function (this: unknown, key, value) {
    return key === '00080005' ? undefined : value;
  });
}

describe('the DICOM JSON Model', () => {
  test('survives the way into bytes and back, whatever it holds', () => {
    fc.assert(
      fc.property(dataSet, (json) => {
        const whole = { '00080018': { vr: 'UI', Value: ['2.25.7'] }, ...json } as DicomJson;
        expect(validateDicomJson(JSON.parse(JSON.stringify(whole)))).toEqual(JSON.parse(JSON.stringify(whole)));
        const { attributes, warnings } = scanned(whole);
        expect(withoutDeclarations(attributes)).toEqual(withoutDeclarations(whole));
        expect(Object.keys(attributes)).toEqual(Object.keys(attributes).sort());
        expect(warnings).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('is written with the header that C-STORE needs in front', () => {
    const { fileMeta, dataSetOffset, transferSyntaxUid } = scanned({ '00080018': { vr: 'UI', Value: ['2.25.7'] } });
    expect(transferSyntaxUid).toBe('1.2.840.10008.1.2.1');
    expect(fileMeta['00020003']?.Value).toEqual(['2.25.7']);
    expect(fileMeta['00020016']?.Value).toEqual(['SENDER']);
    expect(fileMeta['00020012']?.Value?.[0]).toMatch(/^2\.25\.\d{1,39}$/);
    expect(dataSetOffset % 2).toBe(0);
  });

  test('keeps a value too long for its VR as UN, which reads back as what it was', () => {
    const long = Array.from({ length: 8000 }, (_, i) => (i % 10 === 0 ? 1.5 : -1234567.25));
    const { attributes } = scanned({ '30060050': { vr: 'DS', Value: long } });
    expect(attributes['30060050']).toEqual({ vr: 'DS', Value: long });
  });

  test('takes bulk data from whoever has it and refuses it from nobody', () => {
    const json: DicomJson = { '00420011': { vr: 'OB', BulkDataURI: 'part1' } };
    expect(writeDataSet(json, () => Uint8Array.of(1, 2, 3)).subarray(12)).toEqual(Buffer.of(1, 2, 3, 0));
    expect(() => writeDataSet(json)).toThrow(/bulk data that was not sent/);
  });
});

describe('what is refused as DICOM JSON', () => {
  const wrong: [what: string, json: unknown, message: RegExp][] = [
    ['a list', [], /data set is not an object/],
    ['a keyword for a tag', { PatientName: { vr: 'PN' } }, /eight hexadecimal digits/],
    ['an attribute that is no object', { '00100010': 'Doe' }, /00100010 is not an object/],
    ['no VR', { '00100010': { Value: ['x'] } }, /00100010 has no vr/],
    ['an unknown VR', { '00100010': { vr: 'XX' } }, /00100010 has no vr/],
    ['two values', { '00420011': { vr: 'OB', InlineBinary: 'AA==', BulkDataURI: 'x' } }, /more than one/],
    ['text for a number', { '00280010': { vr: 'US', Value: ['512'] } }, /00280010\/0 is not a value of VR US/],
    ['a number out of range', { '00280010': { vr: 'US', Value: [65536] } }, /00280010\/0/],
    ['a fraction for an integer', { '00280010': { vr: 'US', Value: [1.5] } }, /00280010\/0/],
    ['a name that is a string', { '00100010': { vr: 'PN', Value: ['Doe'] } }, /00100010\/0/],
    ['a name with unknown groups', { '00100010': { vr: 'PN', Value: [{ Family: 'Doe' }] } }, /00100010\/0/],
    ['bytes that are not base64', { '00420011': { vr: 'OB', InlineBinary: '%%%' } }, /00420011 has an InlineBinary/],
    ['a value for a binary VR', { '00420011': { vr: 'OB', Value: ['x'] } }, /cannot have/],
    ['a value that is no list', { '00100020': { vr: 'LO', Value: 'x' } }, /not a list/],
    ['words for a decimal', { '00101030': { vr: 'DS', Value: ['heavy'] } }, /00101030\/0/],
    ['the same tag in two spellings', { '0020000D': { vr: 'UI' }, '0020000d': { vr: 'UI' } }, /twice/],
    [
      'an error deep inside',
      { '00081140': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: [7] } }] } },
      /00081140\/0\/00081155\/0/,
    ],
  ];

  test.each(wrong)('%s', (_, json, message) => {
    expect(() => validateDicomJson(json)).toThrow(message);
    expect(() => validateDicomJson(json)).toThrow(CausewayError);
  });

  test('endless nesting', () => {
    let json: object = {};
    for (let depth = 0; depth < 200; depth++) json = { '00081140': { vr: 'SQ', Value: [json] } };
    expect(() => validateDicomJson(json)).toThrow(/128 deep/);
  });
});
