import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { type Attributes, dataSetOf } from '../../src/dicom/keyword-attributes.ts';
import { matches } from '../../src/dicom/matches.ts';
import { parseWorklistQuery } from '../../src/dicom/worklist-query.ts';
import type { CommandSet } from '../../src/dimse/command/command-set.ts';
import { createApplicationEntity, type Match } from '../../src/library/dimse.ts';
import { buildPart10, element } from '../support/dicom-builder.ts';
import { createMemoryLog } from '../support/dimse-server.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { openPerformedStepScu, type PerformedStepScu } from '../support/performed-scu.ts';
import { answersToFindscu, hasPydicom } from '../support/pydicom-answers.ts';
import { createRandom } from '../support/random.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

function scheduled(accession: string, over: Attributes = {}, step: Attributes = {}): DicomJson {
  return dataSetOf({
    AccessionNumber: accession,
    PatientName: 'Müller^Jörg',
    PatientID: `P-${accession}`,
    PatientBirthDate: '19700101',
    StudyInstanceUID: '1.2.826.0.1.3680043.10.999.5',
    RequestedProcedureID: `R-${accession}`,
    RequestedProcedureDescription: 'Head',
    ...over,
    ScheduledProcedureStepSequence: [
      {
        Modality: 'CT',
        ScheduledStationAETitle: ['CT1', 'CT2'],
        ScheduledProcedureStepStartDate: '20261130',
        ScheduledProcedureStepStartTime: '101500',
        ScheduledProcedureStepID: `S-${accession}`,
        ScheduledProtocolCodeSequence: [{ CodeValue: 'HEAD', CodingSchemeDesignator: '99X', CodeMeaning: 'Head' }],
        ...step,
      },
    ],
  });
}

describe.skipIf(!hasProgram('findscu'))('the modality worklist (needs dcmtk)', () => {
  let server: TestServer;
  const log = createMemoryLog();
  const modality = createApplicationEntity({ aeTitle: 'CT1' });
  const items = new Map<string, DicomJson>();

  const api = (path: string, method: string, body?: unknown) =>
    fetch(new URL(`/api/worklist${path}`, server.web), {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });

  async function put(dataSet: DicomJson, id: string): Promise<void> {
    const answer = await api(`/${id}`, 'PUT', dataSet);
    expect(answer.status, await answer.text()).toBe(201);
    items.set(id, dataSet);
  }

  /** Accession numbers that our own SCU is told, in order. */
  async function told(keys: Attributes): Promise<unknown[]> {
    const found: Match[] = [];
    for await (const match of modality.worklist(`CAUSEWAY@127.0.0.1:${server.dimsePort}`, {
      AccessionNumber: '',
      ...keys,
    }))
      found.push(match);
    return found.map(({ attributes }) => attributes.AccessionNumber);
  }
  const step = (keys: Attributes): Attributes => ({ ScheduledProcedureStepSequence: [keys] });

  async function findscu(
    keys: readonly string[],
    args: readonly string[] = [],
    files: readonly string[] = [],
  ): Promise<string> {
    const call = ['-W', '-v', '-aet', 'CT1', '-aec', 'CAUSEWAY', ...args];
    const { output } = await runProgram('findscu', [
      ...call,
      ...keys.flatMap((key) => ['-k', key]),
      ...['127.0.0.1', String(server.dimsePort), ...files],
    ]);
    return output;
  }
  const accessionsIn = (output: string): string[] =>
    [...output.matchAll(/\(0008,0050\) SH \[(A\d+) ?\]/g)].map(([, accession]) => accession!).sort();

  beforeAll(async () => {
    server = await startTestServer({ CAUSEWAY_PEERS: 'CT1@127.0.0.1' }, log);
    await put(scheduled('A1'), 'A1');
    await put(scheduled('A2', {}, { ScheduledProcedureStepStartTime: '180000' }), 'A2');
    await put(
      scheduled('A3', {}, { ScheduledProcedureStepStartDate: '20261201', ScheduledProcedureStepStartTime: '0800' }),
      'A3',
    );
    await put(scheduled('A4', { PatientName: 'Doe^Jane' }, { Modality: 'MR', ScheduledStationAETitle: 'MR1' }), 'A4');
    await put(scheduled('A5', { PatientName: 'Yamada^Tarou=山田^太郎=やまだ^たろう' }, { Modality: 'US' }), 'A5');
  });
  afterAll(async () => {
    await modality.close();
    await server.close();
  });

  it('tells findscu the keys that it asks for, no more, and those of no value empty', async () => {
    const output = await findscu([
      'AccessionNumber=A1',
      'PatientID',
      'PatientSex',
      'ScheduledProcedureStepSequence[0].Modality',
    ]);
    const [, answer = ''] = output.split(/Find Response: 1/);
    expect(answer).toMatch(/\(0010,0020\) LO \[P-A1 ?\]/);
    expect(answer).toMatch(/\(0010,0040\) CS \(no value available\)/);
    expect(answer).toMatch(/\(0008,0060\) CS \[CT\]/);
    expect(answer).not.toContain('(0010,0030)');
    expect(answer).not.toContain('(0040,0002)');
    expect(output).not.toContain('Find Response: 2');
    expect(output).toMatch(/Received Final Find Response \(Success\)/);
  });

  it('tells our own command what stands in its columns, and as JSON, whatever is asked for besides', async () => {
    const run = async (...args: string[]) => {
      const printed: string[] = [];
      const print = (line: string) => void printed.push(line);
      const exitCode = await runCommandLine(['worklist', `CAUSEWAY@127.0.0.1:${server.dimsePort}`, ...args], {
        terminal: { print, complain: print, interactive: false },
        env: { CAUSEWAY_AE_TITLE: 'CT1' },
        workingDir: server.dataDir,
        signal: new AbortController().signal,
      });
      return { exitCode, printed };
    };
    const table = await run('-k', 'Modality=CT', '-k', 'ScheduledProcedureStepStartDate=20261201-', '-k', 'PatientSex');
    expect(table.exitCode).toBe(0);
    expect(table.printed[0]).toMatch(/Description +PatientSex$/);
    expect(table.printed.slice(2)).toEqual([expect.stringMatching(/ A3 +20261201 +0800 +CT +CT1/)]);
    const json = await run('--json', '--limit', '2', '-k', 'ScheduledStationAETitle=CT1');
    expect(JSON.parse(json.printed.join(''))).toHaveLength(2);
    expect(await run('-k', 'PatientID=NOBODY')).toMatchObject({ exitCode: 0, printed: { length: 2 } });
  });

  it('matches within the scheduled procedure step: modality, station, date', async () => {
    const sequence = 'ScheduledProcedureStepSequence[0]';
    expect(accessionsIn(await findscu(['AccessionNumber', `${sequence}.Modality=CT`]))).toEqual(['A1', 'A2', 'A3']);
    expect(accessionsIn(await findscu(['AccessionNumber', `${sequence}.ScheduledStationAETitle=CT2`]))).toEqual([
      'A1',
      'A2',
      'A3',
      'A5',
    ]);
    const days = `${sequence}.ScheduledProcedureStepStartDate=20261201-20261231`;
    expect(accessionsIn(await findscu(['AccessionNumber', days]))).toEqual(['A3']);
  });

  it('takes dates and times that are both given for one period', async () => {
    const period = (date: string, time: string) =>
      told(step({ ScheduledProcedureStepStartDate: date, ScheduledProcedureStepStartTime: time, Modality: 'CT' }));
    expect(await period('20261130-20261201', '120000-090000')).toEqual(['A2', 'A3']);
    expect(await period('20261130', '100000-120000')).toEqual(['A1']);
    expect(await period('-20261130', '-101500')).toEqual(['A1']);
  });

  it('matches names by wildcards and in every group, whatever character set they are asked in', async () => {
    expect(await told({ PatientName: 'mül*' })).toEqual(['A1', 'A2', 'A3']);
    expect(await told({ PatientName: '*=山田*' })).toEqual(['A5']);
    // ISO_IR 100: ü is one byte.
    const file = join(server.dataDir, 'query.dcm');
    writeFileSync(
      file,
      buildPart10({
        elements: [
          element('00080005', 'CS', 'ISO_IR 100'),
          element('00080050', 'SH', ''),
          element('00100010', 'PN', Buffer.from('M\xfcller^J?rg', 'latin1')),
        ],
      }),
    );
    const output = await findscu([], [], [file]);
    expect(accessionsIn(output)).toEqual(['A1', 'A2', 'A3']);
    expect(output).toContain('ISO_IR 100');
    expect(output).not.toContain('ISO_IR 192');
  });

  describe.skipIf(!hasPydicom)('in the character set of the modality (needs pydicom)', () => {
    const named = (characterSet: string, ...args: string[]) =>
      answersToFindscu(server.dimsePort, [
        ...['-W', '-aet', 'CT1', ...args, '-k', 'AccessionNumber', '-k', 'PatientName'],
        ...['-k', 'RequestedProcedureDescription'],
        ...(characterSet === '' ? [] : ['-k', `SpecificCharacterSet=${characterSet}`]),
      ]);
    const mueller = { name: 'Müller^Jörg', description: 'Head' };
    const yamada = { name: 'Yamada^Tarou=山田^太郎=やまだ^たろう', description: 'Head' };
    const doe = { name: 'Doe^Jane', description: 'Head', characterSet: null };

    it.each([
      ['ISO_IR 100', 'ISO_IR 100', 'ISO_IR 192'],
      ['ISO 2022 IR 100\\ISO 2022 IR 87', 'ISO 2022 IR 100\\ISO 2022 IR 87', 'ISO 2022 IR 100\\ISO 2022 IR 87'],
      ['\\ISO 2022 IR 87', 'ISO_IR 192', '\\ISO 2022 IR 87'],
      ['\\ISO 2022 IR 149', 'ISO_IR 192', 'ISO_IR 192'],
      ['ISO_IR 192', 'ISO_IR 192', 'ISO_IR 192'],
      ['GB18030', 'GB18030', 'GB18030'],
      ['ISO_IR 6', 'ISO_IR 192', 'ISO_IR 192'],
      ['', 'ISO_IR 192', 'ISO_IR 192'],
    ])('that its request names: %s', async (asked, ofMueller, ofYamada) => {
      const answers = new Map((await named(asked)).map((answer) => [answer.accession, answer]));
      expect(answers.get('A1')).toMatchObject({ ...mueller, characterSet: ofMueller });
      expect(answers.get('A5')).toMatchObject({ ...yamada, characterSet: ofYamada });
      expect(answers.get('A4')).toMatchObject(doe);
    });

    it('that it is known to understand, where its request names none that will do', async () => {
      const peer = { host: '127.0.0.1', characterSets: ['ISO_IR 100', '\\ISO 2022 IR 87'] };
      const answer = await fetch(new URL('/api/peers/OLDCT', server.web), {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(peer),
      });
      expect(answer.status, await answer.clone().text()).toBe(201);
      expect(await answer.json()).toMatchObject({ characterSets: peer.characterSets });
      for (const asked of ['', 'ISO_IR 144']) {
        const answers = new Map((await named(asked, '-aet', 'OLDCT')).map((one) => [one.accession, one]));
        expect(answers.get('A1'), asked).toMatchObject({ ...mueller, characterSet: 'ISO_IR 100' });
        expect(answers.get('A5'), asked).toMatchObject({ ...yamada, characterSet: '\\ISO 2022 IR 87' });
        expect(answers.get('A4'), asked).toMatchObject(doe);
      }
    });
  });

  it('gives a sequence that is asked for as a whole', async () => {
    const keys = { AccessionNumber: 'A1', ...step({ ScheduledProtocolCodeSequence: [] }) };
    for await (const { attributes } of modality.worklist(`CAUSEWAY@127.0.0.1:${server.dimsePort}`, keys)) {
      expect(attributes.ScheduledProcedureStepSequence).toEqual([
        { ScheduledProtocolCodeSequence: [{ CodeValue: 'HEAD', CodingSchemeDesignator: '99X', CodeMeaning: 'Head' }] },
      ]);
    }
  });

  it('stops when it is told to', async () => {
    expect(await findscu(['AccessionNumber'], ['--cancel', '1'])).toMatch(/Cancel|Success/);
    for await (const { attributes } of modality.worklist(`CAUSEWAY@127.0.0.1:${server.dimsePort}`, {
      AccessionNumber: '',
    })) {
      expect(attributes.AccessionNumber).toBe('A1');
      break;
    }
  });

  it('is told to known peers only, and says what it cannot make sense of', async () => {
    expect(await findscu(['AccessionNumber'], ['-aet', 'STRANGER'])).toMatch(/0x0?124/);
    const wrong = await findscu([
      'AccessionNumber',
      'ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=May',
    ]);
    expect(wrong).toMatch(/ScheduledProcedureStepStartDate/);
    expect(JSON.stringify(log.lines)).not.toMatch(/Müller|P-A1/);
  });

  it('finds by any keys just what matching says', async () => {
    const random = createRandom(20_261_130);
    const days = ['20261128', '20261129', '20261202', '20261203'];
    const modalities = ['CT', 'MR', 'DX'];
    for (let number = 10; number < 50; number++) {
      const station = random.pick(['CT1', 'MR1', 'DX1']);
      const own = {
        Modality: random.pick(modalities),
        ScheduledStationAETitle: station,
        ScheduledProcedureStepStartDate: random.pick(days),
        ScheduledProcedureStepStartTime: random.pick(['0730', '101500', '235959']),
      };
      await put(scheduled(`A${number}`, { PatientID: random.pick(['X', 'Y', 'Z']) }, own), `A${number}`);
    }
    let found = 0;
    for (let round = 0; round < 60; round++) {
      const maybe = (values: readonly string[]): string => (random.below(2) === 0 ? random.pick(values) : '');
      const keys: Attributes = {
        PatientID: maybe(['X', 'Y', 'P-*', 'NOBODY']),
        ...step({
          Modality: maybe([...modalities, '?T', 'C*']),
          ScheduledStationAETitle: maybe(['CT1', 'MR1']),
          ScheduledProcedureStepStartDate: maybe([...days, '20261129-', '-20261129', '20261129-20261202']),
          ScheduledProcedureStepStartTime: maybe(['0800-1200', '101500', '2000-']),
        }),
      };
      const { conditions } = parseWorklistQuery(dataSetOf(keys));
      const expected = [...items].filter(([, dataSet]) => matches(dataSet, { conditions })).map(([id]) => id);
      expect((await told(keys)).sort(), JSON.stringify(keys)).toEqual(expected.sort());
      found += expected.length;
    }
    expect(found).toBeGreaterThan(100);
  });

  describe('performed procedure steps', () => {
    let ct: PerformedStepScu;
    const studyUid = (number: number) => `2.25.77.${number}`;
    const uid = (number: number) => `2.25.78.${number}`;
    const series = [
      {
        SeriesInstanceUID: '2.25.79.1',
        SeriesDescription: 'Axial',
        ProtocolName: 'Head',
        ReferencedImageSequence: [1, 2].map((image) => ({
          ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
          ReferencedSOPInstanceUID: `2.25.79.1.${image}`,
        })),
      },
    ];
    const begun = (number: number, over: Attributes = {}): Attributes => ({
      PatientName: 'Müller^Jörg',
      PatientID: `P-C${number}`,
      Modality: 'CT',
      PerformedProcedureStepID: `PPS${number}`,
      PerformedStationAETitle: 'CT1',
      PerformedProcedureStepStartDate: '20261130',
      PerformedProcedureStepStartTime: '102000',
      PerformedProcedureStepStatus: 'IN PROGRESS',
      PerformedSeriesSequence: [],
      ScheduledStepAttributesSequence: [
        { StudyInstanceUID: studyUid(number), ScheduledProcedureStepID: `S-C${number}`, AccessionNumber: `C${number}` },
      ],
      ...over,
    });
    const ended = (status: 'COMPLETED' | 'DISCONTINUED', over: Attributes = {}): Attributes => ({
      PerformedProcedureStepStatus: status,
      PerformedProcedureStepEndDate: '20261130',
      PerformedProcedureStepEndTime: '104500',
      PerformedSeriesSequence: series,
      ...over,
    });
    const isOffered = async (number: number) => (await told({ AccessionNumber: `C${number}` })).length === 1;
    const statusOf = async (number: number): Promise<unknown> => {
      const keys = { AccessionNumber: `C${number}`, ...step({ ScheduledProcedureStepStatus: '' }) };
      for await (const { attributes } of modality.worklist(`CAUSEWAY@127.0.0.1:${server.dimsePort}`, keys)) {
        const [scheduledStep] = attributes.ScheduledProcedureStepSequence as readonly Attributes[];
        return scheduledStep?.ScheduledProcedureStepStatus;
      }
      return 'not offered';
    };
    const shown = async (number: number) =>
      (await (await api(`/C${number}`, 'GET')).json()) as { status?: string; performed: Record<string, unknown>[] };

    beforeAll(async () => {
      ct = await openPerformedStepScu(server.dimsePort, 'CT1');
      for (let number = 1; number <= 6; number++) {
        const dataSet = scheduled(`C${number}`, { StudyInstanceUID: studyUid(number) });
        expect((await api(`/C${number}`, 'PUT', dataSet)).status).toBe(201);
      }
    });
    afterAll(async () => {
      await ct.close();
    });

    it('move an item of the worklist on, from its beginning to its end', async () => {
      expect(await shown(1)).toMatchObject({ performed: [] });
      expect((await shown(1)).status).toBeUndefined();
      expect(await ct.create(uid(1), begun(1))).toMatchObject({ status: 0, affectedSopInstanceUid: uid(1) });
      expect(await statusOf(1)).toBe('STARTED');
      expect(await shown(1)).toMatchObject({
        status: 'STARTED',
        performed: [
          {
            sopInstanceUid: uid(1),
            status: 'IN PROGRESS',
            stationAeTitle: 'CT1',
            startDate: '20261130',
            startTime: '102000',
            series: [],
          },
        ],
      });
      expect(await ct.set(uid(1), { PerformedSeriesSequence: series })).toMatchObject({ status: 0 });
      expect(await ct.set(uid(1), ended('COMPLETED', { PatientID: 'P-C1' }))).toMatchObject({
        status: 0,
        affectedSopInstanceUid: uid(1),
      });
      expect(await shown(1)).toEqual({
        id: 'C1',
        updatedAt: expect.any(String),
        dataSet: scheduled('C1', { StudyInstanceUID: studyUid(1) }),
        status: 'COMPLETED',
        performed: [
          {
            sopInstanceUid: uid(1),
            status: 'COMPLETED',
            stationAeTitle: 'CT1',
            startDate: '20261130',
            startTime: '102000',
            endDate: '20261130',
            endTime: '104500',
            series: [{ seriesInstanceUid: '2.25.79.1', description: 'Axial', instances: 2 }],
          },
        ],
      });
      expect(await isOffered(1)).toBe(false);
      const asked = { AccessionNumber: 'C1', ...step({ ScheduledProcedureStepStatus: 'COMPLETED' }) };
      expect(await told(asked)).toEqual(['C1']);
      expect(await told({ ...asked, ...step({ ScheduledProcedureStepStatus: 'STARTED' }) })).toEqual([]);
    });

    it('that are completed or discontinued stay as they are', async () => {
      const refused = { status: 0x0110, errorId: 0xa710 };
      expect(await ct.set(uid(1), { PerformedProcedureStepDescription: 'late' })).toMatchObject(refused);
      expect(await ct.set(uid(1), ended('DISCONTINUED'))).toMatchObject({
        ...refused,
        errorComment: 'Performed Procedure Step Object may no longer be updated',
      });
      expect((await shown(1)).status).toBe('COMPLETED');
    });

    it('leave an item on offer that was broken off, or that was selected by mistake', async () => {
      await ct.create(uid(2), begun(2));
      expect(await ct.set(uid(2), ended('DISCONTINUED', { PerformedSeriesSequence: [] }))).toMatchObject({ status: 0 });
      expect([await statusOf(2), (await shown(2)).status]).toEqual(['DISCONTINUED', 'DISCONTINUED']);
      // Begun again.
      await ct.create(uid(3), begun(2));
      expect(await statusOf(2)).toBe('STARTED');
      await ct.set(uid(3), ended('COMPLETED'));
      expect(await isOffered(2)).toBe(false);
      expect((await shown(2)).performed.map(({ status }) => status)).toEqual(['DISCONTINUED', 'COMPLETED']);

      await ct.create(uid(4), begun(3));
      const reason = { CodeValue: '110514', CodingSchemeDesignator: 'DCM', CodeMeaning: 'Incorrect worklist entry' };
      const mistaken = { PerformedProcedureStepDiscontinuationReasonCodeSequence: [reason] };
      expect(await ct.set(uid(4), ended('DISCONTINUED', mistaken))).toMatchObject({ status: 0 });
      expect(await statusOf(3)).not.toBe('DISCONTINUED');
      const item = await shown(3);
      expect(item.status).toBeUndefined();
      expect(item.performed).toMatchObject([{ wrongEntry: true }]);
    });

    it('may be of several items, and of none', async () => {
      const items = [4, 5].map((number) => ({
        StudyInstanceUID: studyUid(number),
        ScheduledProcedureStepID: `S-C${number}`,
      }));
      await ct.create(uid(5), begun(4, { ScheduledStepAttributesSequence: items }));
      expect([await statusOf(4), await statusOf(5)]).toEqual(['STARTED', 'STARTED']);
      const unscheduled = { ScheduledStepAttributesSequence: [{ StudyInstanceUID: '2.25.1' }] };
      expect(await ct.create(uid(6), begun(99, unscheduled))).toMatchObject({ status: 0 });
      expect(await ct.set(uid(6), ended('COMPLETED'))).toMatchObject({ status: 0 });
    });

    it('get a UID where the modality gives none', async () => {
      const { status, affectedSopInstanceUid } = await ct.create(undefined, begun(6));
      expect(status).toBe(0);
      expect(await ct.set(affectedSopInstanceUid!, ended('COMPLETED'))).toMatchObject({ status: 0 });
      expect((await shown(6)).performed).toMatchObject([{ sopInstanceUid: affectedSopInstanceUid }]);
    });

    it.each<[string, number, string | undefined, () => Promise<CommandSet>]>([
      ['a second one of the same UID', 0x0111, undefined, () => ct.create(uid(1), begun(1))],
      ['a change of one that was never begun', 0x0112, undefined, () => ct.set(uid(90), ended('COMPLETED'))],
      [
        'one that begins with its end',
        0x0106,
        '00400252',
        () => ct.create(uid(91), begun(1, { PerformedProcedureStepStatus: 'COMPLETED' })),
      ],
      [
        'one without a station',
        0x0121,
        '00400241',
        () => ct.create(uid(91), begun(1, { PerformedStationAETitle: '' })),
      ],
      [
        'one that begins on no day',
        0x0106,
        '00400244',
        () => ct.create(uid(91), begun(1, { PerformedProcedureStepStartDate: 'May' })),
      ],
      [
        'one of no study',
        0x0120,
        '0020000D',
        () => ct.create(uid(91), begun(1, { ScheduledStepAttributesSequence: [{ AccessionNumber: 'C1' }] })),
      ],
      ['another patient', 0x0106, '00100020', () => ct.set(uid(5), { PatientID: 'SOMEBODY' })],
      ['an unknown status', 0x0106, '00400252', () => ct.set(uid(5), ended('DONE' as 'COMPLETED'))],
      [
        'an end without a time',
        0x0121,
        '00400251',
        () => ct.set(uid(5), ended('COMPLETED', { PerformedProcedureStepEndTime: '' })),
      ],
      [
        'a completion without a series',
        0x0121,
        '00400340',
        () => ct.set(uid(5), ended('COMPLETED', { PerformedSeriesSequence: [] })),
      ],
      [
        'a series without a UID',
        0x0120,
        '0020000E',
        () => ct.set(uid(5), { PerformedSeriesSequence: [{ ProtocolName: 'Head' }] }),
      ],
    ])('%s is refused, and nothing changes', async (_what, status, tag, ask) => {
      const before = [await shown(1), await shown(4)];
      const response = await ask();
      expect(response).toMatchObject({ status, errorComment: expect.any(String) });
      expect(response.offendingElement).toEqual(tag === undefined ? undefined : [tag]);
      expect([await shown(1), await shown(4)]).toEqual(before);
    });

    it('are taken in Explicit VR, from whoever may store, and by nobody twice', async () => {
      const other = await openPerformedStepScu(server.dimsePort, 'ANYBODY', '1.2.840.10008.1.2.1');
      const answers = await Promise.all([1, 2, 3].map(() => other.create(uid(7), begun(99))));
      expect(answers.map(({ status }) => status).sort()).toEqual([0, 0x0111, 0x0111]);
      const ends = await Promise.all([
        other.set(uid(7), ended('COMPLETED')),
        other.set(uid(7), ended('DISCONTINUED')),
        other.set(uid(7), ended('COMPLETED')),
      ]);
      expect(ends.map(({ status }) => status).sort()).toEqual([0, 0x0110, 0x0110]);
      await other.close();
      expect(JSON.stringify(log.lines)).not.toMatch(/Müller|P-C/);
    });
  });

  describe('over HTTP', () => {
    it('takes items under an id of its own, changes them, lists and removes them', async () => {
      const added = await api('', 'POST', scheduled('B1'));
      expect(added.status).toBe(201);
      const { id } = (await added.json()) as { id: string };
      expect(added.headers.get('location')).toMatch(new RegExp(`/api/worklist/${id}$`));
      expect((await api(`/${id}`, 'PUT', scheduled('B2'))).status).toBe(200);
      const got = (await (await api(`/${id}`, 'GET')).json()) as { dataSet: DicomJson };
      expect(got.dataSet).toEqual(scheduled('B2'));
      expect(await told({ AccessionNumber: 'B?' })).toEqual(['B2']);
      const page = (await (await api('?limit=2&after=A1', 'GET')).json()) as { id: string }[];
      expect(page.map((item) => item.id)).toEqual(['A10', 'A11']);
      expect((await api(`/${id}`, 'DELETE')).status).toBe(204);
      expect((await api(`/${id}`, 'DELETE')).status).toBe(404);
      expect((await api(`/${id}`, 'GET')).status).toBe(404);
      expect(await told({ AccessionNumber: 'B?' })).toEqual([]);
    });

    it('tells an item in which a number is null, also one that was stored as it came', async () => {
      const odd = { ...scheduled('B4'), '001021C0': { vr: 'US' as const, Value: [null] } };
      const added = await api('', 'POST', odd);
      const { id, dataSet } = (await added.json()) as { id: string; dataSet: DicomJson };
      expect(dataSet['001021C0']).toEqual({ vr: 'US' });
      const keys = { AccessionNumber: 'B4', PregnancyStatus: '' };
      expect(await told(keys)).toEqual(['B4']);
      await server.pool.query('update worklist_items set data_set = $2 where item_id = $1', [id, odd]);
      expect(await told(keys)).toEqual(['B4']);
      expect((await api(`/${id}`, 'DELETE')).status).toBe(204);
    });

    it.each([
      [{ ...scheduled('B3'), '00100020': { vr: 'LO' } }, 'PatientID'],
      [scheduled('B3', {}, { ScheduledStationAETitle: '' }), 'ScheduledProcedureStepSequence.ScheduledStationAETitle'],
      [scheduled('B3', {}, { ScheduledProcedureStepStartDate: 'May' }), 'Start Date is no date'],
      [{ ...scheduled('B3'), '00400100': { vr: 'SQ', Value: [{}, {}] } }, 'it holds 2'],
      [{ ...scheduled('B3'), '00091001': { vr: 'OB', BulkDataURI: 'http://x' } }, 'bulk data'],
      [{ ...scheduled('B3'), '00100020': { vr: 'XX' } }, '00100020'],
      [{ ...scheduled('B3'), '001021C0': { vr: 'US', Value: [4, null] } }, '001021C0'],
    ])('refuses an item that modalities could not work with, in words (%#)', async (dataSet, words) => {
      const answer = await api('', 'POST', dataSet);
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { detail: string }).detail).toContain(words);
    });
  });
});
