import { describe, expect, it } from 'vitest';
import { parseFindQuery, type QueryRetrieveRoot } from '../../../src/dicom/find-query.ts';
import { readIdentifier } from '../../../src/dicom/identifier.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { writeDataSet } from '../../../src/dicom/json-writer.ts';
import { transferSyntaxUids } from '../../../src/dicom/transfer-syntaxes.ts';

const plain = { fuzzyNames: false, combinedDateTimes: false };
const level = (term: string): DicomJson => ({ '00080052': { vr: 'CS', Value: [term] } });

function parse(identifier: DicomJson, root: QueryRetrieveRoot = 'study', options = plain) {
  return parseFindQuery({ root, identifier, options, vrs: new Map() });
}

describe('an Identifier', () => {
  const identifier: DicomJson = {
    ...level('STUDY'),
    '00080020': { vr: 'DA', Value: ['20240101-20241231'] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller*' }] },
    '00081030': { vr: 'LO' },
    '00081032': { vr: 'SQ', Value: [{ '00080100': { vr: 'SH', Value: ['CTHEAD'] }, '00080104': { vr: 'LO' } }] },
    '0020000D': { vr: 'UI', Value: ['1.2', '1.3'] },
  };

  it.each(['explicit', 'implicit'] as const)('reads the same from %s VR as it was written', (encoding) => {
    const syntax =
      encoding === 'explicit' ? transferSyntaxUids.explicitVrLittleEndian : transferSyntaxUids.implicitVrLittleEndian;
    const read = readIdentifier(writeDataSet(identifier, undefined, encoding), syntax);
    expect(read).toEqual({ '00080005': { vr: 'CS', Value: ['ISO_IR 192'] }, ...identifier });
  });

  it('becomes conditions by the VR of each key, and asks for every key and the unique ones', () => {
    const { conditions, include, ignored } = parse(identifier);
    expect(conditions).toEqual([
      { kind: 'range', path: ['00080020'], vr: 'DA', from: '20240101', to: '20241231' },
      { kind: 'wildcard', path: ['00100010'], vr: 'PN', pattern: 'Müller*' },
      { kind: 'uid-list', path: ['0020000D'], values: ['1.2', '1.3'] },
      {
        kind: 'sequence',
        path: ['00081032'],
        of: [{ kind: 'single', path: ['00080100'], vr: 'SH', value: 'CTHEAD' }],
      },
    ]);
    expect(include).toEqual([
      ['0020000D'],
      ['00080020'],
      ['00100010'],
      ['00081030'],
      ['00081032', '00080100'],
      ['00081032', '00080104'],
    ]);
    expect(ignored).toEqual([]);
  });

  it('asks for the patient, too, on the patient root', () => {
    expect(parse(level('IMAGE'), 'patient').include).toEqual([['0020000D'], ['0020000E'], ['00080018'], ['00100020']]);
  });

  it('is matched by date and time as one range only if that was negotiated', () => {
    const keys: DicomJson = {
      ...level('STUDY'),
      '00080020': { vr: 'DA', Value: ['20240101-20240102'] },
      '00080030': { vr: 'TM', Value: ['2200-0400'] },
    };
    expect(parse(keys, 'study', { ...plain, combinedDateTimes: true }).conditions).toMatchObject([
      { kind: 'combined-range' },
    ]);
    expect(() => parse({ ...keys, '00080030': { vr: 'TM', Value: ['1000-1200'] } })).not.toThrow();
    expect(parse({ ...keys, '00080030': { vr: 'TM', Value: ['1000-1200'] } }).conditions).toMatchObject([
      { kind: 'range', vr: 'DA' },
      { kind: 'range', vr: 'TM' },
    ]);
  });

  it('names the keys that a search for patients cannot look at', () => {
    const keys: DicomJson = { ...level('PATIENT'), '00080060': { vr: 'CS', Value: ['CT'] }, '00100020': { vr: 'LO' } };
    expect(parse(keys, 'patient')).toMatchObject({ level: 'patient', conditions: [], ignored: ['Modality'] });
  });

  it.each([
    ['study', 'PATIENT'],
    ['patient-study-only', 'SERIES'],
    ['patient', 'image'],
    ['study', ''],
  ] as const)('of the %s root is refused at the level "%s", naming the attribute', (root, term) => {
    expect(() => parse(term === '' ? {} : level(term), root)).toThrow(
      expect.objectContaining({ code: 'bad-request', details: { tag: '00080052' } }),
    );
  });

  it('is refused for a value that its VR cannot have, naming the attribute', () => {
    expect(() => parse({ ...level('STUDY'), '00080020': { vr: 'DA', Value: ['yesterday'] } })).toThrow(
      expect.objectContaining({ code: 'bad-request', details: { tag: '00080020' } }),
    );
  });

  it('is refused where it is empty or ends within a key', () => {
    const { implicitVrLittleEndian } = transferSyntaxUids;
    expect(() => readIdentifier(Buffer.alloc(0), implicitVrLittleEndian)).toThrow(/empty/);
    const bytes = writeDataSet(identifier, undefined, 'implicit');
    expect(() => readIdentifier(bytes.subarray(0, bytes.length - 1), implicitVrLittleEndian)).toThrow(
      expect.objectContaining({ code: 'truncated' }),
    );
  });
});
