import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifierOf, parseKeys } from '../../src/cli/query-keys.ts';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { textValues } from '../../src/dicom/match-values.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { StoredSearch } from '../../src/search/search.ts';
import { searchNothing, startDimseServer } from '../support/dimse-server.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { answersToFindscu, hasPydicom } from '../support/pydicom-answers.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What findscu says about one query. */
interface Found {
  readonly output: string;
  /** Attributes of each answer as findscu prints them, by tag: `0010,0010`. */
  readonly answers: readonly ReadonlyMap<string, string>[];
}

async function findscu(port: number, args: readonly string[], keys: readonly string[]): Promise<Found> {
  const { output } = await runProgram('findscu', [
    ...['-v', '--show-responses', '-aec', 'CAUSEWAY', ...args],
    ...keys.flatMap((key) => ['-k', key]),
    ...['127.0.0.1', String(port)],
  ]);
  const answers = output.split(/Find Response: \d+|Find Response \d+/).slice(1);
  return {
    output,
    answers: answers.map(
      (text) =>
        new Map(
          [...text.matchAll(/\(([0-9a-f]{4},[0-9a-f]{4})\) [A-Z]{2} (?:\[(.*?)\s*\]|\(no value available\))/g)].map(
            ([, tag, value]) => [tag!, (value ?? '').replace(/[\s\0]+$/, '')],
          ),
        ),
    ),
  };
}

describe.skipIf(!hasSharedFiles || !hasProgram('findscu'))('findscu (needs dcmtk and ../shared)', () => {
  let server: TestServer;
  let studies: Instance[];

  beforeAll(async () => {
    server = await startTestServer({ CAUSEWAY_QUERY_ACCESS: 'anyone' });
    const storable = sharedFiles().filter(({ name, storable }) => name.startsWith('real/') && storable);
    for (const { path } of storable) await (await stow(server.web, [readFileSync(path)])).text();
    studies = (await (await fetch(`${server.web}/studies?limit=1000`)).json()) as Instance[];
  });
  afterAll(async () => {
    await server.close();
  });

  const textOfTag = (match: Instance | undefined, tag: string) => String(match?.[tag]?.Value?.[0] ?? '');

  it('finds every study, answering the keys that were asked for and the unique one', async () => {
    const { answers, output } = await findscu(
      server.dimsePort,
      ['-S'],
      ['QueryRetrieveLevel=STUDY', 'StudyDate', 'NumberOfStudyRelatedInstances'],
    );
    expect(output).toContain('Success');
    expect(answers).toHaveLength(studies.length);
    for (const answer of answers) {
      expect([...answer.keys()].filter((tag) => tag !== '0008,0005').sort()).toEqual([
        '0008,0020',
        '0008,0052',
        '0008,0054',
        '0020,000d',
        '0020,1208',
      ]);
      const study = studies.find((each) => textOfTag(each, '0020000D') === answer.get('0020,000d'));
      expect(answer.get('0020,1208')).toBe(textOfTag(study, '00201208'));
      expect(answer.get('0008,0054')).toBe('CAUSEWAY');
    }
  });

  it('finds each patient once, and counts what is stored of it', async () => {
    const { answers } = await findscu(
      server.dimsePort,
      ['-P'],
      ['QueryRetrieveLevel=PATIENT', 'PatientID', 'PatientName', 'NumberOfPatientRelatedStudies'],
    );
    const ids = answers.map((answer) => answer.get('0010,0020')).filter((id) => id !== '');
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids)).toEqual(new Set(studies.map((study) => textOfTag(study, '00100020').trim()).filter(Boolean)));
    for (const answer of answers) {
      const id = answer.get('0010,0020');
      if (!id) continue;
      const own = studies.filter((study) => textOfTag(study, '00100020').trim() === id);
      expect(answer.get('0020,1200'), id).toBe(String(own.length));
    }
  });

  it('goes down from patient to image', async () => {
    const id = studies.map((study) => textOfTag(study, '00100020')).find((each) => each !== '')!;
    const keysOf = { STUDY: 'StudyInstanceUID', SERIES: 'SeriesInstanceUID', IMAGE: 'SOPInstanceUID' } as const;
    const tagOf = { STUDY: '0020,000d', SERIES: '0020,000e', IMAGE: '0008,0018' } as const;
    const above = [`PatientID=${id}`];
    for (const level of ['STUDY', 'SERIES', 'IMAGE'] as const) {
      const { answers } = await findscu(
        server.dimsePort,
        ['-P'],
        [`QueryRetrieveLevel=${level}`, ...above, keysOf[level]],
      );
      expect(answers.length).toBeGreaterThan(0);
      expect(answers[0]!.get('0010,0020')).toBe(id);
      above.push(`${keysOf[level]}=${answers[0]!.get(tagOf[level])}`);
    }
  });

  it('is told which character set its answer has, and finds by names in its own', async () => {
    const foreign = studies.find((study) => /[^\0-\x7f]/.test(JSON.stringify(study['00100010'])));
    const name = (foreign?.['00100010']?.Value?.[0] as { Alphabetic?: string; Ideographic?: string }) ?? {};
    const text = [name.Alphabetic ?? '', name.Ideographic ?? ''].join('=').replace(/=$/, '');
    const { answers } = await findscu(
      server.dimsePort,
      ['-S'],
      ['QueryRetrieveLevel=STUDY', 'SpecificCharacterSet=ISO_IR 192', `PatientName=${text}`],
    );
    expect(answers.map((answer) => answer.get('0020,000d'))).toContain(textOfTag(foreign, '0020000D'));
    expect(answers[0]!.get('0008,0005')).toBe('ISO_IR 192');
  });

  it.skipIf(!hasPydicom)('answers in the character set that is asked in, where it has every character', async () => {
    const names = new Map(
      studies.map((study) => {
        const {
          Alphabetic = '',
          Ideographic = '',
          Phonetic = '',
        } = (study['00100010']?.Value?.[0] ?? {}) as Record<string, string>;
        return [textOfTag(study, '0020000D'), [Alphabetic, Ideographic, Phonetic].join('=').replace(/=+$/, '')];
      }),
    );
    const asked = ['ISO_IR 100', 'ISO_IR 127', 'ISO 2022 IR 100\\ISO 2022 IR 149'];
    for (const characterSet of asked) {
      const answers = await answersToFindscu(server.dimsePort, [
        ...['-S', '-k', 'QueryRetrieveLevel=STUDY', '-k', 'PatientName'],
        ...['-k', `SpecificCharacterSet=${characterSet}`],
      ]);
      expect(answers).toHaveLength(studies.length);
      // pydicom leaves out components without a character.
      for (const { study, name } of answers) expect(name.replace(/=+$/, '')).toBe(names.get(study!));
      const told = new Set(answers.map((answer) => answer.characterSet));
      expect(told).toEqual(new Set([null, characterSet, 'ISO_IR 192']));
    }
  });

  it('learns from the status that a key was not looked at, or is not known', async () => {
    const { output } = await findscu(server.dimsePort, ['-S'], ['QueryRetrieveLevel=STUDY', 'Rows=512']);
    expect(output).toMatch(/FF01|MatchesAreContinuing|WarningUnsupportedOptionalKeys/i);
  });

  it('is refused in words where the Identifier is wrong', async () => {
    const { output } = await findscu(server.dimsePort, ['-d', '-S'], ['QueryRetrieveLevel=PATIENT', 'PatientName=*']);
    expect(output).toMatch(/a900|IdentifierDoesNotMatchSOPClass/i);
    expect(output).toContain('Query/Retrieve Level is none of this model');
  });

  it('can cancel what would never end', async () => {
    const endless: StoredSearch = {
      ...searchNothing,
      async *findAll() {
        for (let told = 1; ; told++) {
          yield { matches: [{ '00080018': { vr: 'UI', Value: [`1.${told}`] } }], warnings: [] };
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    const talkative = await startDimseServer({ search: endless });
    try {
      const keys = ['QueryRetrieveLevel=IMAGE', 'SOPInstanceUID'];
      const { output, answers } = await findscu(talkative.port, ['-d', '-S', '--cancel', '3'], keys);
      expect(output).toMatch(/DIMSE Status +: 0xfe00/);
      expect(answers.length).toBeGreaterThanOrEqual(3);
    } finally {
      await talkative.server.close({ graceMs: 0 });
    }
  });

  it('finds the same as QIDO-RS, by 240 queries about what is stored', { timeout: 120_000 }, async () => {
    const instances = (await (await fetch(`${server.web}/instances?limit=1000&includefield=all`)).json()) as Instance[];
    const byStudy = new Map(studies.map((study) => [textOfTag(study, '0020000D'), study]));
    const stored = instances.map((instance) => ({ ...instance, ...byStudy.get(textOfTag(instance, '0020000D')) }));
    const tally = { matched: 0, unmatched: 0, refused: 0 };
    for (const [at, query] of randomQueries(stored, 240).entries()) {
      const { resource, uniqueTag } = levels[query.level];
      const parameters = query.keys.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
      const url = `${server.web}/${resource}?limit=1000&${parameters}`;
      const answer = await fetch(url);
      // Starting a program takes longer than all else here: most are asked by our own SCU, which knows the study root.
      const found = await (query.root === '-P' || at % 4 === 0 ? uidsByFindscu(query) : uidsByScu(query));
      const told = `${query.root} ${query.level} ${parameters}`;
      if (answer.status === 400) {
        expect(found, told).toBe('refused');
        tally.refused += 1;
        continue;
      }
      const expected = (await answer.json()) as Instance[];
      if (found === 'refused') expect.fail(`C-FIND was refused: ${told}`);
      expect(found.sort(), told).toEqual(expected.map((match) => textOfTag(match, uniqueTag)).sort());
      tally[found.length > 0 ? 'matched' : 'unmatched'] += 1;
    }
    expect(tally.matched).toBeGreaterThan(180);
    expect(tally.unmatched).toBeGreaterThan(5);
    // Values of some files are none: by both doors they are refused as keys.
    expect(tally.refused).toBeLessThan(20);
  });

  async function uidsByFindscu({ root, level, keys }: LikeQuery): Promise<(string | undefined)[] | 'refused'> {
    const { uniqueKey, uniqueTag } = levels[level];
    const { answers, output } = await findscu(
      server.dimsePort,
      [root],
      [
        `QueryRetrieveLevel=${level}`,
        'SpecificCharacterSet=ISO_IR 192',
        ...keys.map(([name, value]) => `${name}=${value}`),
        ...(keys.some(([name]) => name === uniqueKey) ? [] : [uniqueKey]),
      ],
    );
    if (/Received Final Find Response \(.*IdentifierDoesNotMatchSOPClass/.test(output)) return 'refused';
    expect(output).toMatch(/Received Final Find Response \(Success\)/);
    return answers.map((answer) => answer.get(`${uniqueTag.slice(0, 4)},${uniqueTag.slice(4).toLowerCase()}`));
  }

  async function uidsByScu({ level, keys }: LikeQuery): Promise<(string | undefined)[] | 'refused'> {
    const peer = { aeTitle: 'CAUSEWAY', host: '127.0.0.1', port: server.dimsePort, maxAssociations: 1 };
    const { uniqueTag } = levels[level];
    const asked = parseKeys([...keys.map(([name, value]) => `${name}=${value}`)]);
    const identifier = { [uniqueTag]: { vr: 'UI' }, ...identifierOf(asked, level) } as DicomJson;
    const uids: (string | undefined)[] = [];
    try {
      for await (const match of server.house.scu.find(peer, identifier, silentLog)) {
        uids.push(textValues(match.identifier[uniqueTag])[0]);
      }
    } catch (thrown) {
      if (thrown instanceof CausewayError && thrown.details?.['status'] === 'A900') return 'refused';
      throw thrown;
    }
    return uids;
  }
});

type Instance = Record<string, { vr: string; Value?: unknown[] }>;

const levels = {
  STUDY: { resource: 'studies', uniqueKey: 'StudyInstanceUID', uniqueTag: '0020000D' },
  SERIES: { resource: 'series', uniqueKey: 'SeriesInstanceUID', uniqueTag: '0020000E' },
  IMAGE: { resource: 'instances', uniqueKey: 'SOPInstanceUID', uniqueTag: '00080018' },
} as const;

interface LikeQuery {
  /** Information model, as findscu is told: study root or patient root. */
  readonly root: '-S' | '-P';
  readonly level: keyof typeof levels;
  readonly keys: readonly (readonly [name: string, value: string])[];
}

/** Attributes that queries of a level may name: those of the levels above, too. */
const keysOfLevel = {
  STUDY: [
    ['PatientID', '00100020'],
    ['PatientName', '00100010'],
    ['PatientBirthDate', '00100030'],
    ['PatientSex', '00100040'],
    ['StudyDate', '00080020'],
    ['StudyTime', '00080030'],
    ['StudyInstanceUID', '0020000D'],
    ['StudyDescription', '00081030'],
    ['StudyID', '00200010'],
    ['AccessionNumber', '00080050'],
    ['ReferringPhysicianName', '00080090'],
    ['ModalitiesInStudy', '00080061'],
  ],
  SERIES: [
    ['Modality', '00080060'],
    ['SeriesInstanceUID', '0020000E'],
    ['SeriesNumber', '00200011'],
    ['SeriesDescription', '0008103E'],
  ],
  IMAGE: [
    ['SOPInstanceUID', '00080018'],
    ['SOPClassUID', '00080016'],
    ['InstanceNumber', '00200013'],
  ],
} as const;

/** Queries by one to three attributes of a stored instance each, whole, by part, list or range; the same in every run. */
function randomQueries(instances: readonly Instance[], count: number): LikeQuery[] {
  let seed = 20_240_229;
  const below = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >> 8) % limit;
  };
  const textOf = (value: unknown): string =>
    typeof value === 'object' ? ((value as { Alphabetic?: string } | null)?.Alphabetic ?? '') : String(value ?? '');
  const keyValueOf = (instance: Instance, tag: string): string => textOf(instance[tag]?.Value?.[0]);

  /** The value as a key that it matches, or, now and then, as one that it hardly does. */
  function keyOf(name: string, tag: string, value: string): string {
    const at = below(value.length);
    if (tag === '00080020') {
      return [value, `${value.slice(0, 4)}0101-${value}`, `-${value}`, `${value}-`][below(4)]!;
    }
    if (tag === '00080030') return [value, `${value.slice(0, 2)}-${value}`, `${value.slice(0, 2)}`, '-0930'][below(4)]!;
    if (name.endsWith('UID'))
      return below(2) === 0 ? value : `${keyValueOf(instances[below(instances.length)]!, tag)}\\${value}`;
    if (!/Name$|Description$|^PatientID$|^AccessionNumber$/.test(name)) return value;
    return [
      value,
      `${value.slice(0, at + 1)}*`,
      `*${value.slice(at)}`,
      `${value.slice(0, at)}?${value.slice(at + 1)}`,
      `*${value.slice(at, at + 3)}*`,
      `${value.slice(0, at)}*${value.slice(at + 1)}`,
      `${value}X`,
    ][below(7)]!;
  }

  const queries: LikeQuery[] = [];
  while (queries.length < count) {
    const level = (['STUDY', 'SERIES', 'IMAGE'] as const)[below(3)]!;
    const attributes = [
      ...keysOfLevel.STUDY,
      ...(level === 'STUDY' ? [] : keysOfLevel.SERIES),
      ...(level === 'IMAGE' ? keysOfLevel.IMAGE : []),
    ];
    const instance = instances[below(instances.length)]!;
    const keys = new Map<string, string>();
    for (let at = 0, wanted = 1 + below(3); at < wanted; at++) {
      const [name, tag] = attributes[below(attributes.length)]!;
      const value = keyValueOf(instance, tag);
      // What means something else in a key of one of them than in one of the other.
      if (value !== '' && !/["\\*?,]/.test(value)) keys.set(name, keyOf(name, tag, value));
    }
    if (keys.size > 0) queries.push({ root: below(5) === 0 ? '-P' : '-S', level, keys: [...keys] });
  }
  return queries;
}
