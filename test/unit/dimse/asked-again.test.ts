import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { createCommitmentReports } from '../../../src/dimse/commitment-reports.ts';
import { defaultDimseLimits } from '../../../src/dimse/limits.ts';
import { createScu } from '../../../src/dimse/scu/create-scu.ts';
import { createOpenAssociation } from '../../../src/dimse/scu/open-association.ts';
import {
  createPeerAssociations,
  type LentAssociation,
  type PeerAssociations,
} from '../../../src/dimse/scu/peer-associations.ts';
import type { RequestOptions } from '../../../src/dimse/service.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { uids } from '../../support/dimse-raw-client.ts';
import { startDimseServer } from '../../support/dimse-server.ts';
import { filesAsTheyAre } from '../../support/files-as-they-are.ts';

const moveStudyRoot = '1.2.840.10008.5.1.4.1.2.2.2';
const studyRoot = '1.2.840.10008.5.1.4.1.2.2.1';
const explicitLittle = '1.2.840.10008.1.2.1';
const identifier: DicomJson = { '00080052': { vr: 'CS', Value: ['STUDY'] } };
const peer = { aeTitle: 'PACS1', host: '127.0.0.1', port: 104, maxAssociations: 4 };

/** An association that answers so many matches, or so often how far it is, and then ends well or is gone. */
function association(isReused: boolean, matches: number, end: 'success' | 'gone' | 'odd list'): LentAssociation {
  const contexts = [studyRoot, moveStudyRoot].map((abstractSyntaxUid, at) => ({
    id: 2 * at + 1,
    abstractSyntaxUid,
    transferSyntaxUid: explicitLittle,
  }));
  return {
    isReused,
    isOpen: true,
    endedBy: undefined,
    acceptedContexts: contexts,
    extendedNegotiations: [],
    userIdentityResponse: undefined,
    release: async () => {},
    giveBack: async () => {},
    peer: {
      contexts,
      invoke: () => Promise.reject(new Error('not asked for')),
      async request(_id, command, { onPending }: RequestOptions) {
        for (let number = 0; number < matches; number++) {
          await onPending?.({ response: { ...command, status: 0xff00 }, readDataSet: () => identifier });
        }
        if (end === 'gone') throw new CausewayError('aborted', 'The association ended before the peer answered.');
        const response = { ...command, status: 0, numberOfCompletedSuboperations: matches };
        const readDataSet = () => {
          throw new CausewayError('unavailable', "The peer's answer cannot be read: it ends where it begins.");
        };
        return end === 'odd list' ? { response, readDataSet } : { response };
      },
    },
  };
}

function scuOver(lent: LentAssociation[]) {
  return scuWith({ borrow: async () => lent.shift()!, close: async () => {} });
}

function scuWith(associations: PeerAssociations) {
  return createScu({
    open: () => Promise.reject(new Error('not asked for')),
    associations,
    ingest: { receive: () => Promise.reject(new Error('not asked for')) as never },
    retrieve: filesAsTheyAre,
    reports: createCommitmentReports(),
    aeTitle: 'CAUSEWAY',
    privateSopClassUids: [],
  });
}

async function found(...associations: LentAssociation[]): Promise<number> {
  const lent = [...associations];
  const scu = scuOver(lent);
  let matches = 0;
  for await (const _ of scu.find(peer, identifier, silentLog)) matches += 1;
  expect(lent).toEqual([]);
  return matches;
}

it('a retrieval that has ended is a result, also where the peer announces a list of failed instances that cannot be read', async () => {
  const moving = scuOver([association(false, 2, 'odd list')]).move(
    peer,
    { studyInstanceUid: '1.2' },
    'A',
    {},
    silentLog,
  );
  expect(await moving).toMatchObject({ completed: 2, failed: 0, failedSopInstanceUids: [] });
});

async function moved(...associations: LentAssociation[]): Promise<number> {
  const lent = [...associations];
  await scuOver(lent).move(peer, { studyInstanceUid: '1.2' }, 'CAUSEWAY', {}, silentLog);
  return associations.length - lent.length;
}

describe('a retrieval by C-MOVE over an association that lay idle', () => {
  it('is asked over another where the peer closes it just then', async () => {
    expect(await moved(association(true, 0, 'gone'), association(false, 2, 'success'))).toBe(2);
  });

  it('fails where the association was new, or where the peer has begun', async () => {
    await expect(moved(association(false, 0, 'gone'))).rejects.toMatchObject({ code: 'aborted' });
    await expect(moved(association(true, 1, 'gone'))).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a query over an association that lay idle', () => {
  it('is asked over another where the peer closes it just then', async () => {
    expect(await found(association(true, 0, 'gone'), association(false, 3, 'success'))).toBe(3);
    expect(
      await found(association(true, 0, 'gone'), association(true, 0, 'gone'), association(false, 1, 'success')),
    ).toBe(1);
  });

  it('fails where the association was new, or where some matches were told already', async () => {
    await expect(found(association(false, 0, 'gone'))).rejects.toMatchObject({ code: 'aborted' });
    await expect(found(association(true, 2, 'gone'))).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a peer that answers once and is silent then, over the same association,', () => {
  const target = { studyInstanceUid: '1.2' };
  const instance = {
    sopClassUid: uids.ctImageStorage,
    sopInstanceUid: '1.2.3',
    transferSyntaxUid: uids.explicitLittleEndian,
    size: 10,
    dataSetOffset: 0,
  };
  const files = {
    file: async function* () {},
    dataSet: async () => Buffer.alloc(10),
    producible: () => [],
    converted: () => Promise.reject(new Error('not asked for')),
  };
  type Ask = (scu: ReturnType<typeof createScu>, port: number) => Promise<unknown>;
  const called = (port: number) => ({ ...peer, aeTitle: 'SILENT', port });
  const asks: Record<string, Ask> = {
    'C-FIND': async (scu, port) => {
      for await (const _ of scu.find(called(port), identifier, silentLog));
    },
    'a list of instances': (scu, port) => scu.list(called(port), target, silentLog),
    'C-MOVE': (scu, port) => scu.move(called(port), target, 'NOBODY', {}, silentLog),
    'C-STORE': async (scu, port) => {
      const instances = async function* () {
        yield instance;
      };
      for await (const { reason } of scu.sendFiles(called(port), instances, files, {}, silentLog)) {
        if (reason !== undefined) throw reason;
      }
    },
  };

  it.each(Object.entries(asks))('is waited for once with %s', async (_, ask) => {
    let asked = 0;
    const other = await startDimseServer({
      access: () => {
        asked += 1;
        return asked === 1 ? Promise.resolve(undefined) : new Promise(() => {});
      },
    });
    const limits = { ...defaultDimseLimits, responseTimeoutMs: 1_000 };
    const associations = createPeerAssociations({ open: createOpenAssociation({ aeTitle: 'CAUSEWAY', limits }) });
    const scu = scuWith(associations);
    await ask(scu, other.port).catch(() => {}); // its destination is not known, say
    expect(asked).toBe(1);
    await expect(ask(scu, other.port)).rejects.toThrow('for the response to our request (responseTimeoutMs)');
    expect([asked, other.log.lines.filter(({ message }) => message === 'Association accepted.').length]).toEqual([
      2, 1,
    ]);
    await associations.close();
    await other.server.close({ graceMs: 0 });
  });
});
