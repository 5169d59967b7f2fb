import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { validateDicomJson } from '../../../src/dicom/json-validation.ts';
import { nativeDicomModel } from '../../../src/dicom/xml-model.ts';
import { readNativeDicomModel } from '../../../src/dicom/xml-reader.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

const dataSet: DicomJson = {
  '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
  '00080018': { vr: 'UI', Value: ['1.2.3'] },
  '00080096': {
    vr: 'SQ',
    Value: [{ '00401101': { vr: 'SQ', Value: [{ '00080104': { vr: 'LO', Value: ['A & B <"\'>'] } }] } }, {}],
  },
  '00090010': { vr: 'LO', Value: ['ACME'] },
  '00090011': { vr: 'LO', Value: ['OTHER'] },
  '00091001': { vr: 'LO', Value: ['one'] },
  '00091101': { vr: 'UN', InlineBinary: 'AAEC' },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^^^Dr' }] },
  '00104000': { vr: 'LT', Value: ['two\r\nlines\tand ü'] },
  '00181271': { vr: 'FD', Value: [1.5, -2] },
  '00200032': { vr: 'DS', Value: ['1.50', null, '-3'] },
  '00209158': { vr: 'LT' },
  '00280009': { vr: 'AT', Value: ['00181063'] },
  '00280010': { vr: 'US', Value: [512] },
  '7FE00010': { vr: 'OW', BulkDataURI: 'http://host/a?b=1&c=2' },
};

describe('reading the Native DICOM Model', () => {
  it('gives back what the writer of it wrote', () => {
    const document = [...nativeDicomModel(dataSet)].join('');
    expect(validateDicomJson(readNativeDicomModel(document))).toEqual(dataSet);
  });

  it('takes comments, CDATA, prefixes, single quotes and values out of order', () => {
    const document = `\uFEFF<?xml version='1.0'?><!-- a <b> -- c --><n:NativeDicomModel xmlns:n='x'>
      <n:DicomAttribute tag='0008103e' vr='LO' ><n:Value number='2'>b&#x41;&#66;</n:Value><n:Value number="1"><![CDATA[<a>&]]></n:Value></n:DicomAttribute>
      <n:DicomAttribute tag="00081030" vr="LO"/></n:NativeDicomModel>`.slice(1);
    expect(readNativeDicomModel(document)).toEqual({
      '0008103E': { vr: 'LO', Value: ['<a>&', 'bAB'] },
      '00081030': { vr: 'LO' },
    });
  });

  it('leaves the place of a value empty that is left out, and counts what has no number', () => {
    const value = (number: string, text: string) => `<Value${number && ` number="${number}"`}>${text}</Value>`;
    const attribute = (...values: string[]) =>
      `<NativeDicomModel><DicomAttribute tag="0020000D" vr="DS">${values.join('')}</DicomAttribute></NativeDicomModel>`;
    const read = (...values: string[]) => (readNativeDicomModel(attribute(...values)) as DicomJson)['0020000D']?.Value;
    expect(read(value('1', 'a'), value('3', 'c'))).toEqual(['a', null, 'c']);
    expect(read(value('2', 'b'))).toEqual([null, 'b']);
    expect(read(value('', 'a'), value('', 'b'))).toEqual(['a', 'b']);
    expect(read(value('0', 'a'), value('1', 'b'), value('x', 'c'))).toEqual(['a', 'b', 'c']);
    expect(() => read(value('2000', 'a'))).toThrow(CausewayError);
  });

  it('counts what is left out of all attributes together, those of items too: a small document stays small', () => {
    const attribute = (tag: number, number: number) =>
      `<DicomAttribute tag="${tag.toString(16).padStart(8, '0')}" vr="LO"><Value number="${number}">x</Value></DicomAttribute>`;
    const document = (second: number) =>
      `<NativeDicomModel>${attribute(0x00081030, 501)}<DicomAttribute tag="00081140" vr="SQ"><Item number="1">${attribute(
        0x0008103e,
        second,
      )}</Item></DicomAttribute></NativeDicomModel>`;
    expect((readNativeDicomModel(document(501)) as DicomJson)['00081030']?.Value).toHaveLength(501);
    expect(() => readNativeDicomModel(document(502))).toThrow(/leaves out more than 1000 values/);
  });

  it('gives a private attribute the block of its creator, wherever that stands, and a free one where it stands nowhere', () => {
    const attribute = (tag: string, creator: string) =>
      `<DicomAttribute tag="${tag}" vr="LO" privateCreator="${creator}"><Value number="1">x</Value></DicomAttribute>`;
    const document = `<NativeDicomModel>${attribute('00090001', 'B')}${attribute('00090002', 'NEW')}
      <DicomAttribute tag="00090012" vr="LO"><Value number="1">B</Value></DicomAttribute></NativeDicomModel>`;
    expect(Object.keys(readNativeDicomModel(document) as DicomJson).sort()).toEqual([
      '00090010',
      '00090012',
      '00091002',
      '00091201',
    ]);
  });

  it.each([
    ['nothing', ''],
    ['text alone', 'x'],
    ['another root', '<a/>'],
    ['two roots', '<NativeDicomModel/><NativeDicomModel/>'],
    ['what is not closed', '<NativeDicomModel><DicomAttribute tag="00080005" vr="CS">'],
    ['what closes something else', '<NativeDicomModel></DicomAttribute>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><NativeDicomModel/>'],
    ['an entity of its own', '<NativeDicomModel>&b;</NativeDicomModel>'],
    ['a character that does not exist', '<NativeDicomModel>&#x110000;</NativeDicomModel>'],
    ['a tag that is none', '<NativeDicomModel><DicomAttribute tag="8" vr="CS"/></NativeDicomModel>'],
    [
      'an attribute twice',
      '<NativeDicomModel><DicomAttribute tag="00080005" vr="CS"/><DicomAttribute tag="00080005" vr="CS"/></NativeDicomModel>',
    ],
    ['depth without end', '<a>'.repeat(100_000)],
  ])('refuses %s', (_what, document) => {
    expect(() => readNativeDicomModel(document)).toThrow(CausewayError);
  });

  it('refuses a document that breaks off anywhere', () => {
    const document = [...nativeDicomModel(dataSet)].join('').trimEnd();
    for (let length = 0; length < document.length; length += 1) {
      expect(() => readNativeDicomModel(document.slice(0, length))).toThrow(CausewayError);
    }
  });
});
