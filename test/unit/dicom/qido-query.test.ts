import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQidoQuery, type QidoRequest } from '../../../src/dicom/qido-query.ts';
import type { Condition, QueryLevel } from '../../../src/dicom/query.ts';
import { defaultAttributes } from '../../../src/dicom/query-defaults.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

/** Reads a query string as the HTTP door does. */
function parse(queryString: string, over: Partial<QidoRequest> = {}) {
  return parseQidoQuery({ level: 'study', parameters: [...new URLSearchParams(queryString)], ...over });
}

const conditions = (queryString: string): readonly Condition[] => parse(queryString).query.conditions;

function refusal(queryString: string, over: Partial<QidoRequest> = {}): CausewayError {
  try {
    parse(queryString, over);
  } catch (thrown) {
    if (thrown instanceof CausewayError) return thrown;
    throw thrown;
  }
  throw new Error(`${queryString} was not refused`);
}

const single = (tag: string, vr: string, value: string) => ({ kind: 'single', path: [tag], vr, value });
const wildcard = (tag: string, vr: string, pattern: string) => ({ kind: 'wildcard', path: [tag], vr, pattern });

describe('a key of QIDO-RS', () => {
  it.each([
    ['by keyword', 'PatientID=P1', [single('00100020', 'LO', 'P1')]],
    ['by tag', '00100020=P1', [single('00100020', 'LO', 'P1')]],
    ['by tag in lower case', '0020000d=1.2', [single('0020000D', 'UI', '1.2')]],
    ['without the blanks around its value', 'PatientID=+P1+', [single('00100020', 'LO', 'P1')]],
    ['with characters of SQL', 'PatientID=%25_%27%3B--', [single('00100020', 'LO', "%_';--")]],
    ['with a comma', 'StudyDescription=Head,+neck', [single('00081030', 'LO', 'Head, neck')]],
    [
      'several at once',
      'PatientID=P1&AccessionNumber=A1',
      [single('00100020', 'LO', 'P1'), single('00080050', 'SH', 'A1')],
    ],
    ['a wildcard', 'PatientID=*X*', [wildcard('00100020', 'LO', '*X*')]],
    ['a wildcard for one character', 'AccessionNumber=A?1', [wildcard('00080050', 'SH', 'A?1')]],
    ['a wildcard in a code string', 'Modality=C*', [wildcard('00080060', 'CS', 'C*')]],
    ['a wildcard in a name', 'PatientName=*Slid*', [wildcard('00100010', 'PN', '*Slid*')]],
    ['asterisks are no wildcards in an age', 'PatientAge=04*', [single('00101010', 'AS', '04*')]],
    ['a number', 'SeriesNumber=01', [single('00200011', 'IS', '01')]],
    ['a name', 'PatientName=Doe^John', [single('00100010', 'PN', 'Doe^John')]],
  ])('%s', (_, queryString, expected) => {
    expect(conditions(queryString)).toEqual(expected);
  });

  it.each([
    'PatientName=',
    'PatientName=*',
    'PatientID=**',
    'StudyDate=*',
    'StudyInstanceUID=*',
    'SeriesNumber=*',
    'PatientName=^',
    'PatientName=*%3D*',
    'PatientName=%3D*',
    'PatientID=A%5C*',
    '',
  ])('that is universal (%j) selects everything', (queryString) => {
    expect(conditions(queryString)).toEqual([]);
  });

  it.each([
    ['PatientNmae=Doe', 'PatientNmae', '"PatientNmae" is no DICOM attribute; give a keyword or a tag.'],
    ['patientname=Doe', 'patientname', '"patientname" is no DICOM attribute; give a keyword or a tag.'],
    ['0010001=Doe', '0010001', '"0010001" is no DICOM attribute; give a keyword or a tag.'],
    ['__proto__=1', '__proto__', '"__proto__" is no DICOM attribute; give a keyword or a tag.'],
    ['%3Cscript%3E=1', '<script>', 'A name in the query is no DICOM attribute; give a keyword or a tag.'],
    ['includefield=Nothing', 'includefield', '"Nothing" is no DICOM attribute; give a keyword or a tag.'],
    ['PatientName.PatientID=1', 'PatientName.PatientID', 'PatientName is not a sequence, so it holds no attributes.'],
    [
      'RequestAttributesSequence=1',
      'RequestAttributesSequence',
      'RequestAttributesSequence: The key is a sequence: name the attribute of its items, as in Sequence.Attribute.',
    ],
    ['StudyInstanceUID=1.2.x', 'StudyInstanceUID', 'StudyInstanceUID: Value 1 is no UID: 1 to 64 digits and dots.'],
    ['StudyInstanceUID=1.2*', 'StudyInstanceUID', 'StudyInstanceUID: Value 1 is no UID: 1 to 64 digits and dots.'],
    ['SeriesNumber=one', 'SeriesNumber', 'SeriesNumber: The value is not a number.'],
    ['StudyDate=-', 'StudyDate', 'StudyDate: A range needs a value before or behind its hyphen.'],
    ['StudyDate=2024*', 'StudyDate', 'StudyDate: The value is neither a date as YYYYMMDD nor a range of two of them.'],
    [
      'StudyDate=20240230',
      'StudyDate',
      'StudyDate: The value is neither a date as YYYYMMDD nor a range of two of them.',
    ],
    [
      'StudyTime=2500',
      'StudyTime',
      'StudyTime: The value is neither a time as HHMMSS.FFFFFF, which may be cut short nor a range of two of them.',
    ],
    ['StudyDate=20240229-20240228', 'StudyDate', 'StudyDate: The range ends before it begins.'],
    ['PatientID=1&PatientID=2', 'PatientID', 'PatientID is given more than once.'],
    ['PatientID=1&00100020=2', '00100020', '00100020 is given more than once.'],
    ['limit=-1', 'limit', 'limit is a whole number from 0.'],
    ['limit=ten', 'limit', 'limit is a whole number from 0.'],
    ['limit=', 'limit', 'limit is a whole number from 0.'],
    ['offset=1.5', 'offset', 'offset is a whole number from 0.'],
    ['limit=1&limit=2', 'limit', 'limit is given more than once.'],
    ['fuzzymatching=maybe', 'fuzzymatching', 'fuzzymatching is true or false.'],
    ['fuzzymatching=true&fuzzymatching=false', 'fuzzymatching', 'fuzzymatching is given more than once.'],
  ])('that is wrong (%s) is refused by name', (queryString, parameter, message) => {
    const error = refusal(queryString);
    expect(error).toMatchObject({ code: 'bad-request', details: { parameter } });
    expect(error.message).toBe(message);
  });

  it('never brings its value into a message', () => {
    for (const queryString of ['StudyDate=Secret', 'SeriesNumber=Secret', 'StudyInstanceUID=Secret', 'limit=Secret']) {
      expect(refusal(queryString).message).not.toContain('Secret');
    }
  });
});

describe('a list of values', () => {
  it.each([
    ['StudyInstanceUID=1.2,1.3', [{ kind: 'uid-list', path: ['0020000D'], values: ['1.2', '1.3'] }]],
    ['StudyInstanceUID=1.2%5C1.3', [{ kind: 'uid-list', path: ['0020000D'], values: ['1.2', '1.3'] }]],
    ['StudyInstanceUID=1.2&StudyInstanceUID=1.3', [{ kind: 'uid-list', path: ['0020000D'], values: ['1.2', '1.3'] }]],
    ['StudyInstanceUID=1.2,1.2,', [single('0020000D', 'UI', '1.2')]],
    ['ModalitiesInStudy=CT', [single('00080061', 'CS', 'CT')]],
    [
      'ModalitiesInStudy=CT,MR',
      [{ kind: 'any', of: [single('00080061', 'CS', 'CT'), single('00080061', 'CS', 'MR')] }],
    ],
    [
      'ModalitiesInStudy=CT%2CMR',
      [{ kind: 'any', of: [single('00080061', 'CS', 'CT'), single('00080061', 'CS', 'MR')] }],
    ],
    [
      'ModalitiesInStudy=CT%5CMR',
      [{ kind: 'any', of: [single('00080061', 'CS', 'CT'), single('00080061', 'CS', 'MR')] }],
    ],
    [
      'ModalitiesInStudy=CT&ModalitiesInStudy=MR',
      [{ kind: 'any', of: [single('00080061', 'CS', 'CT'), single('00080061', 'CS', 'MR')] }],
    ],
    ['ModalitiesInStudy=CT,*', []],
    ['PatientID=A%5CB*', [{ kind: 'any', of: [single('00100020', 'LO', 'A'), wildcard('00100020', 'LO', 'B*')] }]],
    ['PatientComments=A%5CB', [single('00104000', 'LT', 'A\\B')]],
  ])('%s', (queryString, expected) => {
    expect(conditions(queryString)).toEqual(expected);
  });

  it('needs every value with multiplevaluematching', () => {
    expect(conditions('ModalitiesInStudy=CT,MR&multiplevaluematching=true')).toEqual([
      single('00080061', 'CS', 'CT'),
      single('00080061', 'CS', 'MR'),
    ]);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 1_001 }, (_, n) => `1.${n}`).join(',');
    expect(refusal(`StudyInstanceUID=${many}`).message).toBe('StudyInstanceUID: The key has more than 1000 values.');
    expect(refusal(`PatientID=${'x'.repeat(16_385)}`).message).toBe(
      'PatientID: The value has more than 16384 characters.',
    );
    expect(refusal(`includefield=${Array.from({ length: 501 }, (_, n) => `0011${1000 + n}`).join(',')}`).message).toBe(
      'At most 500 attributes can be included.',
    );
    expect(refusal('limit=1&'.repeat(201)).message).toBe('A query has at most 200 parameters.');
    expect(refusal(`${'RequestAttributesSequence.'.repeat(8)}PatientID=1`).message).toBe(
      'An attribute lies at most 8 levels deep.',
    );
  });
});

describe('dates and times', () => {
  it.each([
    ['StudyDate=20240229', [{ kind: 'range', path: ['00080020'], vr: 'DA', from: '20240229', to: '20240229' }]],
    [
      'StudyDate=20240101-20241231',
      [{ kind: 'range', path: ['00080020'], vr: 'DA', from: '20240101', to: '20241231' }],
    ],
    ['StudyDate=20240101-', [{ kind: 'range', path: ['00080020'], vr: 'DA', from: '20240101' }]],
    ['StudyDate=-20241231', [{ kind: 'range', path: ['00080020'], vr: 'DA', to: '20241231' }]],
    ['StudyTime=10', [{ kind: 'range', path: ['00080030'], vr: 'TM', from: '100000.000000', to: '105959.999999' }]],
    [
      'AcquisitionDateTime=20240229103000-0500',
      [{ kind: 'range', path: ['0008002A'], vr: 'DT', from: '20240229153000.000000', to: '20240229153000.999999' }],
    ],
    [
      'PatientBirthDate=19700101&StudyTime=',
      [{ kind: 'range', path: ['00100030'], vr: 'DA', from: '19700101', to: '19700101' }],
    ],
  ])('%s', (queryString, expected) => {
    expect(conditions(queryString)).toEqual(expected);
  });

  it.each([
    [
      'StudyDate=20240101-20240103&StudyTime=1000-1100',
      '00080020',
      '00080030',
      '20240101100000.000000',
      '20240103110059.999999',
    ],
    [
      'StudyTime=2200-0600&StudyDate=20240101-20240102',
      '00080020',
      '00080030',
      '20240101220000.000000',
      '20240102060059.999999',
    ],
    [
      'PerformedProcedureStepStartDate=20240101-&PerformedProcedureStepStartTime=10-',
      '00400244',
      '00400245',
      '20240101100000.000000',
      undefined,
    ],
  ])('of a pair are one range: %s', (queryString, date, time, from, to) => {
    expect(conditions(queryString)).toEqual([
      { kind: 'combined-range', datePath: [date], timePath: [time], from, ...(to !== undefined && { to }) },
    ]);
  });

  it('of different events stay apart', () => {
    expect(conditions('StudyDate=20240101&SeriesTime=10').map(({ kind }) => kind)).toEqual(['range', 'range']);
  });
});

describe('a key within a sequence', () => {
  const step = { kind: 'sequence', path: ['00400275'], of: [single('00400009', 'SH', 'S1')] };

  it.each([
    'RequestAttributesSequence.ScheduledProcedureStepID=S1',
    '00400275.00400009=S1',
    '00400275.ScheduledProcedureStepID=S1',
  ])('%s', (queryString) => {
    expect(conditions(queryString)).toEqual([step]);
  });

  it('holds with the others in one and the same item', () => {
    expect(conditions('00400275.00400009=S1&RequestAttributesSequence.RequestedProcedureID=R*')).toEqual([
      { ...step, of: [...step.of, wildcard('00401001', 'SH', 'R*')] },
    ]);
  });
});

describe('names with fuzzymatching', () => {
  it.each([
    ['joh', ['joh'], undefined],
    ['jo do', ['jo', 'do'], undefined],
    ['Döe^John', ['doe', 'john'], ['döe', 'john']],
  ])('%j is words, and their accents are known', (value, words, accented) => {
    expect(conditions(`PatientName=${value}&fuzzymatching=true`)).toEqual([
      { kind: 'fuzzy-name', path: ['00100010'], words, accented },
    ]);
  });

  it('keep their wildcards, as OHIF sends them', () => {
    expect(conditions('fuzzymatching=true&PatientName=*Slid*')).toEqual([wildcard('00100010', 'PN', '*Slid*')]);
  });

  it.each(['TRUE', 'True', '+true+'])('is switched on by %j, whatever the case of its name', (value) => {
    expect(conditions(`FuzzyMatching=${value}&PatientName=joh`)).toEqual([
      { kind: 'fuzzy-name', path: ['00100010'], words: ['joh'] },
    ]);
  });

  it('leaves other attributes alone', () => {
    expect(conditions('PatientID=joh&fuzzymatching=true')).toEqual([single('00100020', 'LO', 'joh')]);
  });
});

describe('no value', () => {
  it.each(['AccessionNumber=', 'AccessionNumber=%22%22'])(
    'selects what has none with emptyvaluematching: %s',
    (key) => {
      expect(conditions(`${key}&emptyvaluematching=true`)).toEqual([{ kind: 'empty', path: ['00080050'], vr: 'SH' }]);
    },
  );

  it.each([
    ['StudyDate', { kind: 'empty', path: ['00080020'], vr: 'DA' }],
    ['PatientName', { kind: 'empty', path: ['00100010'], vr: 'PN' }],
    ['RequestAttributesSequence', { kind: 'empty', path: ['00400275'], vr: 'SQ' }],
    [
      '00400275.00400009',
      {
        kind: 'any',
        of: [
          { kind: 'empty', path: ['00400275'], vr: 'SQ' },
          { kind: 'sequence', path: ['00400275'], of: [{ kind: 'empty', path: ['00400009'], vr: 'SH' }] },
        ],
      },
    ],
  ])('selects what has none, whatever the VR: %s', (name, condition) => {
    expect(conditions(`${name}=&emptyvaluematching=true`)).toEqual([condition]);
  });

  it('is asked of the item that has the other values', () => {
    expect(conditions('00400275.00400009=S1&00400275.00401001=&emptyvaluematching=true')).toEqual([
      {
        kind: 'sequence',
        path: ['00400275'],
        of: [single('00400009', 'SH', 'S1'), { kind: 'empty', path: ['00401001'], vr: 'SH' }],
      },
    ]);
  });
});

describe('includefield', () => {
  const included = (queryString: string) => parse(queryString).query.include;

  it.each([
    ['includefield=StudyDescription', [['00081030']]],
    ['includefield=00081030,00080060', [['00081030'], ['00080060']]],
    ['includefield=00081030%2C00080060', [['00081030'], ['00080060']]],
    ['includefield=00081030&includefield=Modality', [['00081030'], ['00080060']]],
    ['includefield=RequestAttributesSequence.00400009', [['00400275', '00400009']]],
    ['includefield=00091010', [['00091010']]],
    ['includefield=', []],
    ['IncludeField=StudyDescription, PatientName,', [['00081030'], ['00100010']]],
    ['StudyDescription=*X*&includefield=StudyDescription', [['00081030']]],
    ['PatientID=', [['00100020']]],
  ])('%s', (queryString, expected) => {
    expect(included(queryString)).toEqual(expected);
  });

  it.each([
    'includefield=all',
    'includefield=ALL',
    'includefield=00081030,all',
    'includefield=00081030&includefield=all',
  ])('%s', (queryString) => {
    expect(included(queryString)).toBe('all');
  });
});

describe('paging', () => {
  it.each([
    ['', { limit: 100, offset: 0 }],
    ['limit=101&offset=0', { limit: 101, offset: 0 }],
    ['limit=1000&offset=5', { limit: 1000, offset: 5 }],
    ['LIMIT=0', { limit: 0, offset: 0 }],
  ])('%j', (queryString, paging) => {
    expect(parse(queryString)).toMatchObject({ query: paging, warnings: [] });
  });

  it('cuts a greater limit and says so', () => {
    expect(parse('limit=100000')).toMatchObject({
      query: { limit: 1000 },
      warnings: ['The limit is cut to 1000 results.'],
    });
  });

  it('follows the settings', () => {
    const parameters = [['limit', '9']] as const;
    expect(parseQidoQuery({ level: 'study', parameters }, { limit: 5, maxLimit: 7 }).query.limit).toBe(7);
    expect(parseQidoQuery({ level: 'study', parameters: [] }, { limit: 5, maxLimit: 7 }).query.limit).toBe(5);
  });
});

describe('the resource', () => {
  it('adds its study and series to the conditions', () => {
    const { query } = parse('InstanceNumber=1', {
      level: 'instance',
      studyInstanceUid: '1.2',
      seriesInstanceUid: '1.3',
    });
    expect(query.conditions).toEqual([
      single('0020000D', 'UI', '1.2'),
      single('0020000E', 'UI', '1.3'),
      single('00200013', 'IS', '1'),
    ]);
    expect(query.include).toEqual([['00200013']]);
  });

  it('without study or series tells what is above, too', () => {
    const tags = (level: QueryLevel, over: Partial<QidoRequest> = {}) => {
      const { include } = parse('', { level, ...over }).query;
      return new Set(include === 'all' ? [] : include.map(([tag]) => tag));
    };
    expect(tags('series')).toEqual(new Set(defaultAttributes.study));
    expect(tags('instance')).toEqual(new Set([...defaultAttributes.study, ...defaultAttributes.series]));
    expect(tags('instance', { studyInstanceUid: '1.2' })).toEqual(new Set(defaultAttributes.series));
  });

  it.each(['1.2/..', '', 'x', '1'.repeat(65)])('with a study %j that is no UID is refused', (studyInstanceUid) => {
    expect(refusal('', { level: 'series', studyInstanceUid })).toMatchObject({ code: 'bad-request' });
  });

  it('passes over what speaks to other parts of the server', () => {
    expect(parse('accept=application/dicom%2Bjson&charset=utf-8').query).toMatchObject({ conditions: [], include: [] });
  });
});

describe('any query string', () => {
  const name = fc.oneof(
    fc.constantFrom(
      ...[
        'PatientName',
        'StudyDate',
        'StudyTime',
        'AcquisitionDateTime',
        'StudyInstanceUID',
        'ModalitiesInStudy',
        'SeriesNumber',
      ],
      ...['RequestAttributesSequence', '00400275.00400009', '00091010', 'PixelData', 'includefield', 'limit', 'offset'],
      ...['fuzzymatching', 'emptyvaluematching', 'multiplevaluematching', 'constructor', 'toString', '', '.'],
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'0129-+.:*?^=\\,"aA \0') }),
    fc.constantFrom('true', 'all', '20240101-20240102', '10-11', '1.2'),
  );

  it('is read or refused as a bad request', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 6 }),
        fc.constantFrom<QueryLevel>('study', 'series', 'instance'),
        (parameters, level) => {
          try {
            const { query } = parseQidoQuery({ level, parameters });
            expect(query.limit).toBeLessThanOrEqual(1000);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(CausewayError);
            expect(thrown).toHaveProperty('code', 'bad-request');
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
