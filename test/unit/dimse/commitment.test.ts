import { expect, it } from 'vitest';
import type { CommitmentReport } from '../../../src/dicom/commitment-data-set.ts';
import { writeCommitmentRequest } from '../../../src/dicom/commitment-data-set.ts';
import { writeIdentifier } from '../../../src/dicom/identifier.ts';
import { createCommitmentService } from '../../../src/dimse/scp/commitment.ts';
import type { DimseRequest } from '../../../src/dimse/service.ts';
import { storageCommitment } from '../../../src/dimse/storage-commitment.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { uids } from '../../support/dimse-raw-client.ts';
import { until } from '../../support/dimse-server.ts';

const instances = [{ sopClassUid: uids.ctImageStorage, sopInstanceUid: '1.2.3' }];

/** Asks for a report, has it told over the same association, and says what became of the one that is kept. */
async function asked(report: CommitmentReport, isTold: boolean) {
  const kept: string[] = [];
  let told = 0;
  const service = createCommitmentService({
    commitment: {
      request: async () => report,
      acknowledged: async () => void kept.push('acknowledged'),
      missed: async () => void kept.push('missed'),
    },
    access: async () => undefined,
    aeTitle: 'CAUSEWAY',
    patienceMs: 0,
  });
  const respond = async () => {
    told += 1;
    if (!isTold) throw new Error('gone');
    return { commandField: 0x8100, status: 0 };
  };
  const request = {
    association: { id: 'a', callingAeTitle: 'A', calledAeTitle: 'B', address: '127.0.0.1' },
    context: { id: 1, abstractSyntaxUid: storageCommitment.sopClassUid, transferSyntaxUid: uids.implicitLittleEndian },
    command: {
      commandField: 0x0130,
      requestedSopInstanceUid: storageCommitment.sopInstanceUid,
      actionTypeId: storageCommitment.requestAction,
    },
    peer: { contexts: [], invoke: respond, request: async () => ({ response: await respond() }) },
    hasDataSet: true,
    log: silentLog,
  } as DimseRequest;
  const operation = service.begin(request, async () => {});
  const { transactionUid } = report;
  await operation.write!(
    writeIdentifier(writeCommitmentRequest({ transactionUid, instances }), uids.implicitLittleEndian),
  );
  await operation.finish();
  await until(() => told > 0);
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return kept;
}

it.each([true, false])(
  'a Transaction UID that comes twice leaves the first report alone (told: %s)',
  async (isTold) => {
    const good = { transactionUid: '1.2.9', committed: instances, failed: [] };
    expect(await asked(good, isTold)).toEqual([isTold ? 'acknowledged' : 'missed']);
    const failed = instances.map((one) => ({ ...one, failureReason: 0x0131 }));
    expect(await asked({ transactionUid: '1.2.9', committed: [], failed }, isTold)).toEqual([]);
  },
);
