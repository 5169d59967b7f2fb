import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { nativeDicomModel } from '../../../src/dicom/xml-model.ts';

/** The document without its declaration and root element. */
function contentOf(dataSet: DicomJson): string {
  const document = [...nativeDicomModel(dataSet)].join('');
  const start =
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">';
  const end = '</NativeDicomModel>\n';
  expect(document.startsWith(start)).toBe(true);
  expect(document.endsWith(end)).toBe(true);
  return document.slice(start.length, -end.length);
}

describe('the Native DICOM Model', () => {
  it('numbers values and keeps the empty ones between them', () => {
    expect(contentOf({ '00080008': { vr: 'CS', Value: ['ORIGINAL', null, 'AXIAL'] } })).toBe(
      '<DicomAttribute tag="00080008" vr="CS" keyword="ImageType">' +
        '<Value number="1">ORIGINAL</Value><Value number="2"></Value><Value number="3">AXIAL</Value></DicomAttribute>',
    );
  });

  it('has attributes without a value as empty elements, in ascending order', () => {
    expect(contentOf({ '00100020': { vr: 'LO' }, '00080050': { vr: 'SH' } })).toBe(
      '<DicomAttribute tag="00080050" vr="SH" keyword="AccessionNumber"></DicomAttribute>' +
        '<DicomAttribute tag="00100020" vr="LO" keyword="PatientID"></DicomAttribute>',
    );
  });

  it('spells out the components of each group of a name', () => {
    expect(
      contentOf({ '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Wang^Xiao<Dong^^Dr.', Ideographic: '王^小东' }] } }),
    ).toBe(
      '<DicomAttribute tag="00100010" vr="PN" keyword="PatientName"><PersonName number="1">' +
        '<Alphabetic><FamilyName>Wang</FamilyName><GivenName>Xiao&lt;Dong</GivenName>' +
        '<NamePrefix>Dr.</NamePrefix></Alphabetic>' +
        '<Ideographic><FamilyName>王</FamilyName><GivenName>小东</GivenName></Ideographic>' +
        '</PersonName></DicomAttribute>',
    );
  });

  it('nests the items of sequences, empty ones too', () => {
    expect(contentOf({ '00081140': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.2'] } }, {}] } })).toBe(
      '<DicomAttribute tag="00081140" vr="SQ" keyword="ReferencedImageSequence"><Item number="1">' +
        '<DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID"><Value number="1">1.2</Value>' +
        '</DicomAttribute></Item><Item number="2"></Item></DicomAttribute>',
    );
  });

  it('names the creator of a private attribute instead of its block, in each item its own', () => {
    const item: DicomJson = {
      '00091001': { vr: 'UN', InlineBinary: 'AAE=' },
      '00090010': { vr: 'LO', Value: ['ACME "2"'] },
    };
    expect(contentOf(item)).toBe(
      '<DicomAttribute tag="00090010" vr="LO"><Value number="1">ACME "2"</Value></DicomAttribute>' +
        '<DicomAttribute tag="00090001" vr="UN" privateCreator="ACME &quot;2&quot;">' +
        '<InlineBinary>AAE=</InlineBinary></DicomAttribute>',
    );
    expect(contentOf({ '00091001': { vr: 'UN' } })).toBe('<DicomAttribute tag="00091001" vr="UN"></DicomAttribute>');
  });

  it('refers to bulk data', () => {
    expect(contentOf({ '7FE00010': { vr: 'OW', BulkDataURI: 'http://h/bulk?a=1&b=2' } })).toBe(
      '<DicomAttribute tag="7FE00010" vr="OW" keyword="PixelData"><BulkData uri="http://h/bulk?a=1&amp;b=2"/></DicomAttribute>',
    );
  });

  it('replaces what XML cannot hold and keeps carriage returns', () => {
    expect(contentOf({ '00104000': { vr: 'LT', Value: ['a\u0000\u001b\ud800\r\n\tb\u{1F600}'] } })).toContain(
      '>a\uFFFD\uFFFD\uFFFD&#13;\n\tb\u{1F600}<',
    );
  });

  it('gives back any text that XML can hold', () => {
    const unescaped = (xml: string) =>
      xml.replaceAll('&#13;', '\r').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    const legal = fc.string({ unit: 'binary' }).filter((text) => !/[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/.test(text));
    fc.assert(
      fc.property(legal, (text) => {
        const xml = /<Value number="1">([^<>]*)<\/Value>/.exec(contentOf({ '00104000': { vr: 'LT', Value: [text] } }));
        expect(unescaped(xml?.[1] ?? '')).toBe(text);
      }),
    );
  });
});
