import { describe, expect, it } from 'vitest';
import { attributesOf, dataSetOf } from '../../../src/dicom/keyword-attributes.ts';

describe('attributes by keyword', () => {
  it('are those of the DICOM JSON Model, and back', () => {
    const attributes = {
      StudyDate: '20240301',
      ModalitiesInStudy: ['CT', 'MR'],
      PatientName: 'Yamada^Tarou=山田^太郎',
      StudyInstanceUID: '',
      Rows: 512,
      ScheduledProcedureStepSequence: [{ Modality: 'CT', ScheduledStationAETitle: '' }],
      '00091001': '',
    };
    const dataSet = dataSetOf(attributes);
    expect(dataSet).toEqual({
      '00080020': { vr: 'DA', Value: ['20240301'] },
      '00080061': { vr: 'CS', Value: ['CT', 'MR'] },
      '00091001': { vr: 'UN' },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' }] },
      '0020000D': { vr: 'UI' },
      '00280010': { vr: 'US', Value: [512] },
      '00400100': { vr: 'SQ', Value: [{ '00080060': { vr: 'CS', Value: ['CT'] }, '00400001': { vr: 'AE' } }] },
    });
    expect(Object.keys(dataSet)).toEqual(Object.keys(dataSet).sort());
    expect(attributesOf(dataSet)).toEqual(attributes);
  });

  it('are refused by the name that is none', () => {
    expect(() => dataSetOf({ PatientNmae: 'DOE' })).toThrow('"PatientNmae" is no DICOM attribute');
  });
});
