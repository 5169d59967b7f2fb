import { describe, expect, test } from 'vitest';
import { dictionaryEntry, dictionaryVr, resolveVr, tagOfKeyword } from '../../../src/dicom/dictionary.ts';

describe('the data dictionary', () => {
  test('knows an attribute by tag, in any case of its digits, and by keyword', () => {
    expect(dictionaryEntry('0008103e')).toEqual({
      tag: '0008103E',
      vr: 'LO',
      vm: '1',
      keyword: 'SeriesDescription',
      name: 'Series Description',
    });
    expect(tagOfKeyword('SeriesDescription')).toBe('0008103E');
  });

  test('covers every group of a repeating attribute and none outside', () => {
    expect(dictionaryEntry('60023000')).toMatchObject({ tag: '60023000', keyword: 'OverlayData', vr: 'OB or OW' });
    expect(dictionaryEntry('601E0010')).toMatchObject({ keyword: 'OverlayRows' });
    expect(dictionaryEntry('60200010')).toBeUndefined();
    expect(dictionaryEntry('60010010')).toBeUndefined();
    expect(dictionaryEntry('50043000')).toMatchObject({ keyword: 'CurveData' });
    expect(tagOfKeyword('OverlayRows')).toBe('60000010');
  });

  test('knows retired attributes by their plain keyword', () => {
    expect(dictionaryEntry('00080001')).toMatchObject({ keyword: 'LengthToEnd', vr: 'UL' });
  });

  test('knows what PS3.6 has gained lately', () => {
    expect(dictionaryEntry('0008114C')).toMatchObject({ keyword: 'ReferencedSegmentationSequence', vr: 'SQ' });
    expect(dictionaryEntry('00660040')).toMatchObject({ vr: 'OL' });
  });

  test('has no entry for private, unknown or misspelt attributes', () => {
    expect(dictionaryEntry('00091001')).toBeUndefined();
    expect(dictionaryEntry('PatientName')).toBeUndefined();
    expect(tagOfKeyword('PatientsName')).toBeUndefined();
  });

  test('reads every group length as UL', () => {
    expect(dictionaryVr(0x00100000)).toBe('UL');
    expect(dictionaryVr(0x00091234)).toBeUndefined();
  });

  test('decides an ambiguous VR by the attributes around it', () => {
    expect(resolveVr('US or SS', { implicitVr: true, pixelRepresentation: 1 })).toBe('SS');
    expect(resolveVr('US or SS', { implicitVr: true })).toBe('US');
    expect(resolveVr('OB or OW', { implicitVr: true, bitsAllocated: 8 })).toBe('OW');
    expect(resolveVr('OB or OW', { implicitVr: false, bitsAllocated: 8 })).toBe('OB');
    expect(resolveVr('US or OW', { implicitVr: true, lutEntries: 1 })).toBe('US');
    expect(resolveVr('US or OW', { implicitVr: true, lutEntries: 256 })).toBe('OW');
    expect(resolveVr('PN', { implicitVr: true })).toBe('PN');
  });
});
