import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { parseRetrieveQuery } from '../../../src/dicom/retrieve-query.ts';

const identifier = (level: string, keys: Readonly<Record<string, string[]>>): DicomJson => ({
  '00080052': { vr: 'CS', Value: [level] },
  ...Object.fromEntries(Object.entries(keys).map(([tag, Value]) => [tag, { vr: 'UI' as const, Value }])),
});

describe('what is to be retrieved', () => {
  it('is said by the unique key of the level, a list of UIDs included, and narrowed by those above', () => {
    expect(
      parseRetrieveQuery('study', identifier('SERIES', { '0020000D': ['1.2'], '0020000E': ['1.3', '1.4'] })),
    ).toEqual({
      level: 'series',
      conditions: [
        { kind: 'single', path: ['0020000D'], vr: 'UI', value: '1.2' },
        { kind: 'uid-list', path: ['0020000E'], values: ['1.3', '1.4'] },
      ],
    });
  });

  it.each([
    ['PATIENT', { '00100020': ['4'], '0020000D': ['1.2'] }, '00100020'],
    ['STUDY', { '0020000D': ['1.2'], '0020000E': ['1.3'] }, '0020000D'],
    ['SERIES', { '0020000E': ['1.3'], '00080018': ['1.4'] }, '0020000E'],
  ])('of level %s is not narrowed by unique keys below it', (level, keys, tag) => {
    const { conditions } = parseRetrieveQuery('patient', identifier(level, keys));
    expect(conditions).toMatchObject([{ kind: 'single', path: [tag] }]);
  });

  it('is not said by other keys', () => {
    const keys = { ...identifier('STUDY', { '0020000D': ['1.2'] }), '00080060': { vr: 'CS' as const, Value: ['CT'] } };
    expect(parseRetrieveQuery('study', keys).conditions).toHaveLength(1);
  });

  it.each([
    ['nothing names the level’s own', identifier('IMAGE', { '0020000D': ['1.2'] }), '00080018'],
    ['the key is empty', identifier('STUDY', { '0020000D': [] }), '0020000D'],
    ['the key is no UID', identifier('STUDY', { '0020000D': ['1.2.*'] }), '0020000D'],
    ['a patient is named by a pattern', identifier('PATIENT', { '00100020': ['4*'] }), '00100020'],
    ['several patients are named', identifier('PATIENT', { '00100020': ['4', '5'] }), '00100020'],
  ])('is refused where %s', (_why, keys, tag) => {
    expect(() => parseRetrieveQuery('patient', keys)).toThrow(
      expect.objectContaining({ code: 'bad-request', details: { tag } }),
    );
  });
});
