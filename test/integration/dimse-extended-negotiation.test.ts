import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Condition } from '../../src/dicom/query.ts';
import { encodeCommandSet } from '../../src/dimse/command/command-set.ts';
import {
  associateRq,
  connectRaw,
  counted,
  item,
  lastCommandFragment,
  lastDataFragment,
  pdu,
  pdv,
  type RawClient,
  readAccept,
  uids,
} from '../support/dimse-raw-client.ts';
import { searchNothing, startDimseServer, type TestDimseServer } from '../support/dimse-server.ts';

const find = '1.2.840.10008.5.1.4.1.2.2.1';
const move = '1.2.840.10008.5.1.4.1.2.2.2';
const get = '1.2.840.10008.5.1.4.1.2.2.3';

let dimse: TestDimseServer;
let client: RawClient;
/** Of the last query. */
let conditions: readonly Condition[];

beforeEach(async () => {
  dimse = await startDimseServer({
    search: {
      ...searchNothing,
      async *findAll(query) {
        conditions = query.conditions;
        yield { matches: [], warnings: [] };
      },
    },
  });
  client = await connectRaw(dimse.port);
});
afterEach(async () => {
  client.destroy();
  await dimse.server.close({ graceMs: 0 });
});

/** Service-class-application-information that answers this one, byte for byte; undefined if nothing is answered. */
async function answerTo(sopClassUid: string, proposed: readonly number[]): Promise<number[] | undefined> {
  const contexts = [{ id: 1, abstractSyntaxUid: sopClassUid, transferSyntaxUids: [uids.explicitLittleEndian] }];
  const proposal = item(0x56, counted(sopClassUid), Buffer.from(proposed));
  const ofRefused = item(0x56, counted('1.2.3.4.5'), Buffer.from([1]));
  client.send(associateRq({ contexts, userItems: [proposal, ofRefused] }));
  const answer = readAccept(await client.nextPdu()).userItem(0x56);
  if (answer === undefined) return undefined;
  const named = counted(sopClassUid);
  expect(answer.subarray(0, named.length)).toEqual(named);
  return [...answer.subarray(named.length)];
}

describe('extended negotiation', () => {
  it.each([
    [
      'Storage: all is kept, signatures stay valid, nothing is coerced',
      uids.ctImageStorage,
      [3, 0, 0, 0, 2, 0],
      [2, 0, 3, 0, 0, 0],
    ],
    // PS3.4 table C.5-1: relational, date and time combined, fuzzy names, time zone, conversion to enhanced multi-frame.
    ['queries: no time zones, no conversion', find, [1, 1, 1, 1, 1], [1, 1, 1, 0, 0]],
    ['queries, of what the caller wants', find, [1, 0, 1], [1, 0, 1]],
    ['queries, of the one byte that all know', find, [1], [1]],
    // PS3.4 tables C.5-2 and C.5-3: relational, conversion to enhanced multi-frame.
    ['C-MOVE: no conversion', move, [1, 1], [1, 0]],
    ['C-MOVE, of one byte', move, [1], [1]],
    ['C-GET: no conversion', get, [1, 1], [1, 0]],
  ])('is answered of %s', async (_what, sopClassUid, proposed, answered) => {
    expect(await answerTo(sopClassUid, proposed)).toEqual(answered);
  });

  /** Explicit VR, short form. */
  const text = (tag: string, vr: string, value: string): Buffer => {
    const header = Buffer.from(`${tag}00000000`, 'hex');
    header.write(vr, 4, 'latin1');
    header.writeUInt16LE(value.length, 6);
    return Buffer.concat([header, Buffer.from(value)]);
  };

  it.each([
    ['nothing', [1, 0, 0], ['range', 'range', 'single']],
    ['date and time as one', [0, 1, 0], ['combined-range', 'single']],
    ['names to be alike', [0, 0, 1], ['range', 'range', 'fuzzy-name']],
    ['time zones, which it does not get,', [0, 0, 0, 1], ['range', 'range', 'single']],
  ])('that wants %s is what a query is matched by', async (_what, proposed, kinds) => {
    await answerTo(find, proposed);
    const command = { affectedSopClassUid: find, commandField: 0x20, messageId: 1, priority: 0, commandDataSetType: 0 };
    const identifier = Buffer.concat([
      text('08002000', 'DA', '20240101-20240201 '),
      text('08003000', 'TM', '080000-090000 '),
      text('08005200', 'CS', 'STUDY '),
      text('10001000', 'PN', 'doe '),
    ]);
    client.send(pdu(4, pdv(1, lastCommandFragment, encodeCommandSet(command)), pdv(1, lastDataFragment, identifier)));
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
    expect(conditions.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
  });
});
