import { describe, expect, it } from 'vitest';
import type { Commitment } from '../../../src/commitment/commitment.ts';
import { writeCommitmentRequest } from '../../../src/dicom/commitment-data-set.ts';
import { writeIdentifier } from '../../../src/dicom/identifier.ts';
import { transferSyntaxUids } from '../../../src/dicom/transfer-syntaxes.ts';
import { commandField } from '../../../src/dimse/command/command-field.ts';
import { createCommitmentService } from '../../../src/dimse/scp/commitment.ts';
import type { DimseRequest, DimseResponse } from '../../../src/dimse/service.ts';
import { storageCommitment } from '../../../src/dimse/storage-commitment.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { until } from '../../support/dimse-server.ts';

const instances = Array.from({ length: 4_500 }, (_, at) => ({
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: `1.2.3.${at}`,
}));
const transferSyntaxUid = transferSyntaxUids.implicitVrLittleEndian;
const dataSetOf = (some: typeof instances): Buffer =>
  writeIdentifier(writeCommitmentRequest({ transactionUid: '2.25.1', instances: some }), transferSyntaxUid);
const dataSet = dataSetOf(instances);

const request: DimseRequest = {
  association: { id: '1', callingAeTitle: 'CT1', calledAeTitle: 'CAUSEWAY', address: '127.0.0.1' },
  context: { id: 1, abstractSyntaxUid: storageCommitment.sopClassUid, transferSyntaxUid },
  peer: {
    contexts: [],
    request: () => Promise.reject(new CausewayError('aborted', 'Gone.')),
    invoke: () => Promise.reject(new CausewayError('aborted', 'Gone.')),
  },
  command: {
    commandField: commandField.nAction,
    requestedSopInstanceUid: storageCommitment.sopInstanceUid,
    actionTypeId: storageCommitment.requestAction,
  },
  hasDataSet: true,
  log: silentLog,
};

/** What a commitment was asked, in order. */
function recording(take: () => Promise<void> = async () => {}, finish: () => Promise<void> = async () => {}) {
  const calls: string[] = [];
  const commitment: Commitment = {
    begin(aeTitle) {
      calls.push(`begin ${aeTitle}`);
      return {
        async take(some) {
          calls.push(`take ${some.length}`);
          await take();
        },
        async finish(transactionUid, untilMs) {
          calls.push(`finish ${transactionUid} ${untilMs}`);
          await finish();
          const report = { transactionUid, hasFailures: false, async *parts() {} };
          return {
            report,
            committed: 4_500,
            failed: 0,
            acknowledged: async () => void calls.push('acknowledged'),
            missed: async () => void calls.push('missed'),
          };
        },
        async abandon() {
          calls.push('abandon');
        },
      };
    },
  };
  return { calls, commitment };
}

/** @returns the response, and how many bytes were taken before a wait */
async function answered(
  commitment: Commitment,
  options: { readonly refusal?: string; readonly maxReferences?: number; readonly peer?: DimseRequest['peer'] } = {},
): Promise<DimseResponse> {
  const service = createCommitmentService({
    commitment,
    access: async () => options.refusal,
    aeTitle: 'CAUSEWAY',
    patienceMs: 0,
    limits: { maxReferences: options.maxReferences ?? 10_000, maxBytes: 10_000_000 },
  });
  const responses: DimseResponse[] = [];
  const operation = service.begin({ ...request, peer: options.peer ?? request.peer }, async (response) => {
    responses.push(response);
  });
  for (let start = 0; start < dataSet.length; start += 65_536) {
    await operation.write?.(dataSet.subarray(start, start + 65_536));
  }
  await operation.finish();
  await operation.abort?.();
  return responses[0]!;
}

describe('a storage commitment request', () => {
  it('is looked for by the batch while it comes, and finished once', async () => {
    const { calls, commitment } = recording();
    expect(await answered(commitment)).toMatchObject({ status: 0 });
    expect(calls[0]).toBe('begin CT1');
    const taken = calls.filter((call) => call.startsWith('take ')).map((call) => Number(call.slice(5)));
    expect(taken.length).toBeGreaterThanOrEqual(2);
    expect(taken.reduce((sum, count) => sum + count)).toBe(4_500);
    // The longer the report, the longer nobody else tells it.
    expect(calls).toContain('finish 2.25.1 22250');
  });

  it('is told over its association, or left to be told over another', async () => {
    const unheard = recording();
    await answered(unheard.commitment);
    await until(() => unheard.calls.includes('missed'));
    const heard = recording();
    const response = { commandField: 0x8100, status: 0 };
    const peer = { contexts: [], request: async () => ({ response }), invoke: async () => response };
    await answered(heard.commitment, { peer });
    await until(() => heard.calls.includes('acknowledged'));
    expect([...unheard.calls, ...heard.calls]).not.toContain('abandon');
  });

  it('of somebody who may not is neither looked for nor kept', async () => {
    const { calls, commitment } = recording();
    expect(await answered(commitment, { refusal: 'No.' })).toMatchObject({ status: 0x0124, errorComment: 'No.' });
    expect(calls).toEqual([]);
  });

  it('for more instances than are taken is refused with the limit, and nothing of it stays', async () => {
    const { calls, commitment } = recording();
    expect(await answered(commitment, { maxReferences: 4_000 })).toEqual({
      status: 0x0213,
      errorComment: 'The request refers to more than 4000 instances.',
    });
    expect(calls.filter((call) => call.startsWith('finish'))).toEqual([]);
    expect(calls).toContain('abandon');
  });

  describe('whose association ends', () => {
    /** One that is aborted when it has come so far, and how it ended then. */
    async function abortedAt(where: 'access' | 'take' | 'finish'): Promise<{ calls: string[]; ended: unknown }> {
      const abort = async (here: string) => {
        if (here === where && !isAborted) {
          isAborted = true;
          await operation.abort?.();
        }
      };
      let isAborted = false;
      const { calls, commitment } = recording(
        () => abort('take'),
        () => abort('finish'),
      );
      const service = createCommitmentService({
        commitment,
        access: async () => void (await abort('access')),
        aeTitle: 'CAUSEWAY',
        patienceMs: 0,
      });
      const gone = new CausewayError('aborted', 'Gone.');
      const operation = service.begin(request, async () => {
        if (isAborted) throw gone;
      });
      // So few that they are looked for when the data set is complete.
      await operation.write?.(dataSetOf(instances.slice(0, 300)));
      return { calls, ended: await operation.finish().catch((thrown: unknown) => thrown) };
    }

    it('before it is looked for is not looked for', async () => {
      const { calls, ended } = await abortedAt('access');
      expect(calls).toEqual([]);
      expect(ended).toMatchObject({ code: 'aborted' });
    });

    it('while the last of it is looked for leaves no report, and nothing of one', async () => {
      const { calls, ended } = await abortedAt('take');
      expect(calls).toEqual(['begin CT1', 'take 300', 'abandon']);
      expect(ended).toMatchObject({ code: 'aborted' });
    });

    it('while its report is kept has a report, of which nothing is taken away', async () => {
      const { calls, ended } = await abortedAt('finish');
      // It goes over another association; one that is told over its own or not at all goes with that.
      expect(calls).toEqual(['begin CT1', 'take 300', 'finish 2.25.1 20150', 'missed']);
      expect(ended).toMatchObject({ code: 'aborted' });
    });
  });

  it('that cannot be looked for at the moment is refused, and nothing of it stays', async () => {
    const { calls, commitment } = recording(() => Promise.reject(new CausewayError('unavailable', 'No database.')));
    expect(await answered(commitment)).toEqual({ status: 0x0110, errorComment: 'No database.' });
    expect(calls.filter((call) => call.startsWith('take '))).toHaveLength(1);
    expect(calls).toContain('abandon');
  });
});
