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

const ofLevel: Readonly<Record<string, readonly DicomJson[]>> = { STUDY: studies, SERIES: series, IMAGE: instances };

/** An archive that wants the unique keys of the levels above and knows no other keys of them, unless it is relational. */
function archive(isRelational: boolean) {
  const asked: string[] = [];
  const keysOf: Readonly<Record<string, readonly string[]>> = {
    STUDY: ['0020000D', '00100010'],
    SERIES: ['0020000D', '0020000E', '00080060'],
    IMAGE: ['0020000D', '0020000E', '00080018'],
  };
  const search = createPeerSearch({
    scu: {
      takesRelationalQueries: async () => isRelational,
      async *find(_peer, identifier) {
        const [level = ''] = textValues(identifier['00080052']);
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
  const found = async (level: QueryLevel, ...conditions: readonly Condition[]) => {
    const include = [['00100010'] as const];
    const { matches } = await search.find({ level, conditions, include, limit: 100, offset: 0 });
    return matches;
  };
  return { asked, found };
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
});
