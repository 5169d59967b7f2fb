import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConfidentialityOption,
  confidentialityAction,
  confidentialityRows,
} from '../../../src/dicom/confidentiality-profile.ts';
import { createDataSetDeidentifier } from '../../../src/dicom/data-set-deidentifier.ts';
import { deidentificationObstacles } from '../../../src/dicom/deidentification-obstacles.ts';
import { dictionaryEntry } from '../../../src/dicom/dictionary.ts';
import { encodeFileHeader } from '../../../src/dicom/file-meta.ts';
import type { DicomJson, Vr } from '../../../src/dicom/json-model.ts';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import { profileExceptions } from '../../../src/dicom/profile-exceptions.ts';
import { assemble, dataSetSamples, type Sample, sample } from '../../support/data-set-samples.ts';
import { deidentifiedDataSet, replaceUid } from '../../support/deidentify-file.ts';
import { type BuiltElement, buildPart10, ctElements, element, sequence } from '../../support/dicom-builder.ts';

const syntaxes = ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2', '1.2.840.10008.1.2.2'];
const noOptions: ReadonlySet<ConfidentialityOption> = new Set();

function deidentify(
  elements: readonly BuiltElement[],
  transferSyntaxUid = syntaxes[0]!,
  options: Parameters<typeof deidentifiedDataSet>[1] = {},
  chunkBytes = 50,
): { attributes: DicomJson; bytes: Buffer; warnings: readonly unknown[] } {
  const file = buildPart10({ elements, transferSyntaxUid });
  const bytes = deidentifiedDataSet(file, options, chunkBytes);
  const scanner = createPart10Scanner();
  scanner.push(encodeFileHeader({ sopClassUid: '1.2.3', sopInstanceUid: '1.2.3', transferSyntaxUid }));
  scanner.push(bytes);
  const { attributes, warnings } = scanner.end();
  return { attributes, bytes, warnings };
}

/** Everything in a data set, items too. */
function everyTag(dataSet: DicomJson): string[] {
  return Object.entries(dataSet).flatMap(([tag, { vr, Value }]) => [
    tag,
    ...(vr === 'SQ' ? ((Value ?? []) as DicomJson[]).flatMap(everyTag) : []),
  ]);
}

/** Texts of attributes that the table removes, private ones and those of repeating groups. */
const removedTags = [...confidentialityRows()].flatMap(([tag, { basic }]) => {
  const vr = dictionaryEntry(tag)?.vr;
  return basic === 'X' && tag > '0008' && (vr === 'LO' || vr === 'SH' || vr === 'LT' || vr === 'ST' || vr === 'PN')
    ? [[tag, vr] as const]
    : [];
});
const removed: fc.Arbitrary<Sample> = fc
  .constantFrom(
    ...removedTags,
    ['00090010', 'LO'] as const,
    ['00091001', 'LO'] as const,
    ['50004000', 'LO'] as const,
    ['60024000', 'LT'] as const,
  )
  .map(([tag, vr]) => sample(tag, vr as Vr, 'Secret', ['Secret']));
const secretive = fc
  .tuple(dataSetSamples, fc.array(removed, { maxLength: 6 }), fc.array(removed, { minLength: 1, maxLength: 4 }))
  .map(([parts, outer, inner]) => {
    const item = assemble(inner).elements;
    const nested = { tag: '00081140', built: sequence('00081140', [item, item]), json: { vr: 'SQ' as const } };
    return [...parts.filter(({ tag }) => tag !== nested.tag), ...outer, nested];
  });

describe('a data set that is de-identified', () => {
  test.each(syntaxes)('from %s never keeps what is to be removed, at any depth', (transferSyntaxUid) => {
    fc.assert(
      fc.property(secretive, fc.integer({ min: 1, max: 200 }), (parts, chunkBytes) => {
        const { elements } = assemble(parts);
        const { attributes, bytes } = deidentify(elements, transferSyntaxUid, {}, chunkBytes);
        for (const tag of everyTag(attributes)) {
          const number = Number.parseInt(tag, 16);
          const vr = dictionaryEntry(tag)?.vr as Vr;
          expect([tag, confidentialityAction(number, vr, noOptions)]).not.toEqual([tag, 'X']);
        }
        expect(bytes.includes('Secret')).toBe(false);
        expect(attributes['00120062']).toEqual({ vr: 'CS', Value: ['YES'] });
      }),
    );
  });

  test.each(syntaxes)('in %s says what was done, and keeps what tells nobody', (transferSyntaxUid) => {
    const { attributes, warnings } = deidentify(
      ctElements(
        {},
        element('00080020', 'DA', '20260102'),
        element('00080021', 'DA', '20260102'),
        element('00080080', 'LO', 'General Hospital'),
        element('00081030', 'LO', 'Head of Jane'),
        element('00081155', 'UI', '1.2.840.10008.1.20.1.1'),
        element('00101010', 'AS', '042Y'),
        element('00120062', 'CS', 'NO'),
        element('00120063', 'LO', 'By Jane herself'),
        element('00280010', 'US', [512]),
        element('60000010', 'US', [512]),
        element('60003000', 'OW', [1, 2]),
      ),
      transferSyntaxUid,
    );
    expect(warnings).toEqual([]);
    expect(attributes).toMatchObject({
      '00080020': { vr: 'DA' },
      '00080021': { vr: 'DA', Value: ['19000101'] },
      '00080060': { Value: ['CT'] },
      '00080080': { Value: ['ANONYMIZED'] },
      '00081155': { Value: ['1.2.840.10008.1.20.1.1'] },
      '00120062': { Value: ['YES'] },
      '00120063': { Value: ['PS3.15 Annex E Basic Profile'] },
      '00120064': { vr: 'SQ', Value: [{ '00080100': { Value: ['113100'] }, '00080102': { Value: ['DCM'] } }] },
      '00280010': { Value: [512] },
      '00280303': { Value: ['REMOVED'] },
    });
    expect(attributes['00080020']?.Value).toBeUndefined();
    expect(attributes['00100010']?.Value).toBeUndefined();
    for (const tag of ['00081030', '00101010', '60000010', '60003000']) expect(attributes[tag]).toBeUndefined();
    expect(attributes['0020000D']?.Value).toEqual([replaceUid('2.25.1')]);
    expect(Object.keys(attributes)).toEqual(Object.keys(attributes).toSorted());
  });

  test('refers to the same instances under their new names, in lists and items, whatever pads them', () => {
    const { attributes } = deidentify([
      element('00080018', 'UI', '2.25.77'),
      sequence('00081140', [
        [element('00081150', 'UI', '1.2.840.10008.5.1.4.1.1.2'), element('00081155', 'UI', '2.25.77 ')],
      ]),
      element('00200242', 'UI', '2.25.77\\2.25.78'),
    ]);
    expect(attributes['00080018']?.Value).toEqual([replaceUid('2.25.77')]);
    expect(attributes['00081140']?.Value).toEqual([
      {
        '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
        '00081155': { vr: 'UI', Value: [replaceUid('2.25.77')] },
      },
    ]);
    expect(attributes['00200242']?.Value).toEqual([replaceUid('2.25.77'), replaceUid('2.25.78')]);
  });

  test('keeps the items of sequences that must not be empty, without their words', () => {
    for (const vr of ['SQ', 'UN'] as const) {
      const { attributes, bytes } = deidentify([
        sequence(
          '0040A073',
          [
            [
              element('0040A027', 'LO', 'General Hospital'),
              element('0040A030', 'DT', '20260102030405'),
              element('0040A075', 'PN', 'Doe^Jane'),
              sequence('0040A088', [[element('00080104', 'LO', 'Jane the reader')]]),
            ],
          ],
          { vr },
        ),
      ]);
      expect(attributes['0040A073']?.Value).toEqual([
        {
          '0040A027': { vr: 'LO', Value: ['ANONYMIZED'] },
          '0040A030': { vr: 'DT', Value: ['19000101000000'] },
          '0040A075': { vr: 'PN', Value: [{ Alphabetic: 'ANONYMIZED' }] },
          '0040A088': { vr: 'SQ' },
        },
      ]);
      expect(bytes.includes('Jane')).toBe(false);
    }
  });

  test('loses sequences whose items are hidden in bytes of another kind', () => {
    const item = Buffer.concat([Buffer.from('feff00e0ffffffff', 'hex'), Buffer.from('Doe^Jane')]);
    const { attributes, bytes } = deidentify([
      element('00081140', 'OB', item),
      element('00082112', 'UN', Buffer.from('Doe^Jane')),
      element('00200013', 'IS', '1'),
    ]);
    expect(bytes.includes('Jane')).toBe(false);
    expect(Object.keys(attributes)).toEqual(['00120062', '00120063', '00120064', '00200013', '00280303']);
  });

  test('has pixels byte for byte, an icon aside', () => {
    const pixels = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251));
    const { bytes } = deidentify([
      element('00100010', 'PN', 'Doe^Jane'),
      sequence('00880200', [[element('7FE00010', 'OB', Buffer.from('a small face'))]]),
      element('7FE00010', 'OB', pixels),
    ]);
    expect(bytes.subarray(-1000).equals(pixels)).toBe(true);
    expect(bytes.includes('a small face')).toBe(false);
  });

  test('keeps a private attribute of the creator that is named, whichever block it has, and of nobody else', () => {
    const exceptions = profileExceptions([], ['0019,xx0C SIEMENS MR HEADER', '0029100C']);
    const blocks = [
      element('00190010', 'LO', 'ACME NAMES'),
      element('00190011', 'LO', 'SIEMENS MR HEADER'),
      element('0019100C', 'LO', 'Doe^John'),
      element('0019110C', 'IS', '1000'),
      element('0019110D', 'LO', 'Doe^John'),
      element('00290010', 'LO', 'ACME NAMES'),
      element('0029100C', 'LO', 'Doe^John'),
    ];
    for (const syntax of syntaxes) {
      const { attributes } = deidentify([sequence('00081140', [blocks]), ...blocks], syntax, { exceptions }, 7);
      const item = attributes['00081140']?.Value?.[0] as DicomJson;
      for (const dataSet of [attributes, item]) {
        const privates = Object.keys(dataSet).filter((tag) => /^00[12]9/.test(tag));
        expect([syntax, privates]).toEqual([syntax, ['00190011', '0019110C']]);
        expect(dataSet['0019110C']?.Value?.map(Number)).toEqual([1000]);
      }
      expect(attributes['00120063']?.Value?.[0]).toMatch(/exceptions/);
    }
  });

  test('moves its dates where that is asked for, and says so', () => {
    const { attributes } = deidentify(
      [
        element('00080020', 'DA', '20260102'),
        element('0008002A', 'DT', '20260102030405.5+0100'),
        element('00080030', 'TM', '030405'),
        element('00100030', 'DA', '19700101'),
        element('00080021', 'DA', '2026.01.02'),
      ].sort((a, b) => (a.tag < b.tag ? -1 : 1)),
      syntaxes[0],
      { options: new Set(['MODIFIED_DATES']), replaceDate: (date) => `1999${date.slice(4)}` },
    );
    expect(attributes).toMatchObject({
      '00080020': { Value: ['19990102'] },
      '00080021': { Value: ['19000101'] },
      '0008002A': { Value: ['19990102030405.5+0100'] },
      '00080030': { Value: ['030405'] },
      '00280303': { Value: ['MODIFIED'] },
    });
    expect(attributes['00100030']?.Value).toBeUndefined();
    expect(attributes['00120064']?.Value).toHaveLength(2);
    const options: ReadonlySet<ConfidentialityOption> = new Set(['MODIFIED_DATES']);
    expect(() => createDataSetDeidentifier({ replaceUid, options })).toThrow(/replaceDate/);
  });

  test('that ends too early is refused', () => {
    const file = buildPart10({ elements: ctElements() });
    expect(() => deidentifiedDataSet(file.subarray(0, -3))).toThrow();
  });
});

describe('what stands in the way of de-identifying', () => {
  const withPixels: DicomJson = { '7FE00010': { vr: 'OW', BulkDataURI: '7FE00010' } };
  test.each<[string, DicomJson]>([
    ['a document', { '00420011': { vr: 'OB', BulkDataURI: '00420011' } }],
    ['a document', { '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.104.2'] } }],
    ['a report', { '0040A730': { vr: 'SQ' } }],
    ['a sound recording', { '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.9.4.1'] } }],
    ['Burned In Annotation', { '00280301': { vr: 'CS', Value: ['YES'] } }],
    ['An overlay', { '60020102': { vr: 'US', Value: [12] } }],
  ])('is %s', (words, attributes) => {
    expect(deidentificationObstacles(attributes).refusal).toContain(words);
  });

  test('is not an overlay with data of its own, and not what a CT is', () => {
    const attributes: DicomJson = {
      '00080060': { vr: 'CS', Value: ['CT'] },
      '60000102': { vr: 'US', Value: [0] },
      '60003000': { vr: 'OW', InlineBinary: 'AAA=' },
      ...withPixels,
    };
    expect(deidentificationObstacles(attributes)).toEqual({ refusal: undefined, warnings: [] });
  });

  test('is to be looked at where devices write into pictures, unless they say that they did not', () => {
    const ultrasound: DicomJson = { '00080060': { vr: 'CS', Value: ['US'] }, ...withPixels };
    expect(deidentificationObstacles(ultrasound).warnings).toHaveLength(1);
    const clean: DicomJson = { ...ultrasound, '00280301': { vr: 'CS', Value: ['NO'] } };
    expect(deidentificationObstacles(clean).warnings).toEqual([]);
    const face: DicomJson = { ...clean, '00280302': { vr: 'CS', Value: ['YES'] } };
    expect(deidentificationObstacles(face).warnings).toEqual([expect.stringContaining('recognized')]);
  });
});
