import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { createCommitmentReports } from '../../../src/dimse/commitment-reports.ts';
import { createScu } from '../../../src/dimse/scu/create-scu.ts';
import type { LentAssociation } from '../../../src/dimse/scu/peer-associations.ts';
import type { RequestOptions } from '../../../src/dimse/service.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
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
  return createScu({
    open: () => Promise.reject(new Error('not asked for')),
    associations: { borrow: async () => lent.shift()!, close: async () => {} },
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
