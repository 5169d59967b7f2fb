import { describe, expect, it } from 'vitest';
import { createPeerSearch } from '../../../src/bridge/peer-search.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { textValues } from '../../../src/dicom/match-values.ts';
import type { Condition, QueryLevel } from '../../../src/dicom/query.ts';
import { silentLog } from '../../../src/kernel/log.ts';

const text = (vr: 'UI' | 'CS' | 'LO', value: string) => ({ vr, Value: [value] });
const name = (value: string) => ({ vr: 'PN' as const, Value: [{ Alphabetic: value }] });

/** Two studies of one patient, a CT and an MR series in the first. */
const studies: readonly DicomJson[] = ['1', '2'].map((uid) => ({
  '00100010': name('Doe^J'),
  '00100020': text('LO', 'P1'),
  '0020000D': text('UI', uid),
}));
const series: readonly DicomJson[] = [
  ['1', '1.1', 'CT'],
  ['1', '1.2', 'MR'],
  ['2', '2.1', 'CT'],
].map(([study = '', uid = '', modality = '']) => ({
  '0020000D': text('UI', study),
  '0020000E': text('UI', uid),
  '00080060': text('CS', modality),
}));
const instances: readonly DicomJson[] = series.map((one) => ({
  '0020000D': one['0020000D']!,
  '0020000E': one['0020000E']!,
  '00080018': text('UI', `${textValues(one['0020000E'])[0]}.9`),
}));

const archived: Readonly<Record<string, Iterable<DicomJson>>> = { STUDY: studies, SERIES: series, IMAGE: instances };

/** An archive that wants the unique keys of the levels above and knows no other keys of them, unless it is relational. */
function archive(isRelational: boolean, ofLevel: typeof archived = archived) {
  const asked: string[] = [];
  const patients = new Set<string>();
  const keysOf: Readonly<Record<string, readonly string[]>> = {
    STUDY: ['0020000D', '00100010'],
    SERIES: ['0020000D', '0020000E', '00080060'],
    IMAGE: ['0020000D', '0020000E', '00080018'],
  };
  const search = createPeerSearch({
    scu: {
      takesRelationalQueries: async () => isRelational,
      async *find(_peer, identifier, _log, patientId) {
        const [level = ''] = textValues(identifier['00080052']);
        patients.add(`${level} of ${patientId}`);
        const keys = Object.entries(identifier).filter(([tag, { Value }]) => tag !== '00080052' && Value !== undefined);
        asked.push([level, ...keys.map(([tag]) => tag).sort()].join(' '));
        for (const one of ofLevel[level]!) {
          const isMatch = ([tag, key]: (typeof keys)[number]) =>
            !keysOf[level]!.includes(tag) || JSON.stringify(one[tag]) === JSON.stringify(key);
          if (keys.every(isMatch)) yield { identifier: one, complete: true };
        }
      },
    },
    peer: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 104, maxAssociations: 1 },
    log: silentLog,
  });
  const page = (level: QueryLevel, ...conditions: readonly Condition[]) =>
    search.find({ level, conditions, include: [['00100010'] as const], limit: 100, offset: 0 });
  const found = async (...asked: Parameters<typeof page>) => (await page(...asked)).matches;
  return { asked, patients, page, found };
}

const ofPatient: Condition = { kind: 'single', path: ['00100010'], vr: 'PN', value: 'Doe^J' };
const ofCt: Condition = { kind: 'single', path: ['00080060'], vr: 'CS', value: 'CT' };
const uidsOf = (matches: readonly DicomJson[], tag: string) => matches.map((one) => textValues(one[tag])[0]);

describe('a search of series and instances over an archive', () => {
  it('goes level by level, each asked by its own keys, where the archive takes no relational queries', async () => {
    const { asked, found } = archive(false);
    const matches = await found('instance', ofPatient, ofCt);
    expect(uidsOf(matches, '00080018')).toEqual(['1.1.9', '2.1.9']);
    expect(asked).toEqual([
      'STUDY 00100010',
      'SERIES 00080060 0020000D',
      'IMAGE 0020000D 0020000E',
      'SERIES 00080060 0020000D',
      'IMAGE 0020000D 0020000E',
    ]);
  });

  it('tells what the levels above have told', async () => {
    const matches = await archive(false).found('series', ofPatient, ofCt);
    expect(uidsOf(matches, '0020000E')).toEqual(['1.1', '2.1']);
    expect(matches.map((one) => one['00100010'])).toEqual([name('Doe^J'), name('Doe^J')]);
  });

  it('is one query where the archive takes it, or where there is nothing to tell studies by', async () => {
    const relational = archive(true);
    await relational.found('series', ofPatient, ofCt);
    expect(relational.asked).toEqual(['SERIES 00080060 00100010']);
    const hierarchical = archive(false);
    await hierarchical.found('series', ofCt);
    expect(hierarchical.asked).toEqual(['SERIES 00080060']);
  });

  it('hands on whose study it is, as archives of the patient root want to know', async () => {
    const { found, patients } = archive(false);
    await found('instance', ofPatient, ofCt);
    expect([...patients]).toEqual(['STUDY of undefined', 'SERIES of P1', 'IMAGE of P1']);
  });

  it('says that it does not look into all of very many studies', async () => {
    let told = 0;
    const many = {
      *[Symbol.iterator]() {
        for (;;) {
          told += 1;
          yield { ...studies[0]!, '0020000D': text('UI', `9.${told}`) };
        }
      },
    };
    const { page, asked } = archive(false, { ...archived, STUDY: many });
    const { matches, warnings } = await page('series', ofPatient);
    expect([matches, warnings]).toEqual([[], [expect.stringContaining('More than 10000 studies match')]]);
    expect([told, asked.length]).toEqual([10_001, 10_001]);
  });
});
