import { afterEach, describe, expect, it } from 'vitest';
import { commitmentReportPieces } from '../../../src/dicom/commitment-data-set.ts';
import { writeIdentifier } from '../../../src/dicom/identifier.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { gatherIdentifier } from '../../../src/dimse/gather-identifier.ts';
import { createHeldBytes, heldByNotices, heldByRequests } from '../../../src/dimse/held-bytes.ts';
import { performedStepSopClass } from '../../../src/dimse/performed-step.ts';
import { createEventReportService } from '../../../src/dimse/scp/event-report.ts';
import { createPerformedStepServices } from '../../../src/dimse/scp/performed-step.ts';
import type { DimseOperation, DimseRequest, DimseResponse, DimseService } from '../../../src/dimse/service.ts';
import { storageCommitment } from '../../../src/dimse/storage-commitment.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { uids } from '../../support/dimse-raw-client.ts';

const syntax = uids.implicitLittleEndian;
const identifier: DicomJson = {
  '00080018': { vr: 'UI', Value: Array.from({ length: 9_000 }, (_, at) => `1.2.840.${at}`) },
};
const report = {
  transactionUid: '2.25.1',
  committed: Array.from({ length: 5_000 }, (_, at) => ({ sopClassUid: '1.2', sopInstanceUid: `2.25.7.${at}` })),
  failed: [],
};

async function encodedReport(): Promise<Buffer> {
  const { transactionUid, ...part } = report;
  const long = {
    transactionUid,
    hasFailures: false,
    parts: async function* () {
      yield part;
    },
  };
  const pieces: Buffer[] = [];
  for await (const piece of commitmentReportPieces(long, 'ARCHIVE', syntax)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function begun(service: DimseService, abstractSyntaxUid: string, address: string) {
  const responses: DimseResponse[] = [];
  const request = {
    association: { id: 'a', callingAeTitle: 'A', calledAeTitle: 'B', address },
    context: { id: 1, abstractSyntaxUid, transferSyntaxUid: syntax },
    command: { affectedSopInstanceUid: '2.25.5' },
    hasDataSet: true,
    log: silentLog,
  } as unknown as DimseRequest;
  return { operation: service.begin(request, async (response) => void responses.push(response)), responses };
}

describe('while strangers send long procedure steps and never end them', () => {
  const steps: DicomJson[] = [];
  const take = async (_: string, __: string, dataSet: DicomJson) => {
    steps.push(dataSet);
    return { facts: {} } as never;
  };
  const [create] = createPerformedStepServices({
    performedSteps: { begin: take, change: () => Promise.reject(new Error('not asked for')) },
    access: async () => undefined,
  });
  const holding: DimseOperation[] = [];
  async function hold(addressOf: (at: number) => string) {
    // The last one takes what the smallness of the others has left.
    const sizes = [...Array.from({ length: 8 }, () => [8_388_608, 1]), [294_912]];
    for (const [at, chunks] of sizes.entries()) {
      const { operation } = begun(create!, performedStepSopClass, addressOf(at));
      holding.push(operation);
      for (const bytes of chunks) await operation.write!(Buffer.allocUnsafeSlow(bytes));
    }
  }
  afterEach(async () => {
    await Promise.all(holding.splice(0).map((operation) => operation.abort!()));
    expect(heldByNotices.bytes).toBe(0);
  });

  it('those who ask are answered', async () => {
    await hold((at) => `10.0.0.${at}`);
    expect(heldByNotices.bytes).toBe(134_217_728);
    const gatherer = gatherIdentifier(undefined, heldByRequests.of('10.0.0.1'));
    gatherer.write(writeIdentifier(identifier, syntax));
    expect(gatherer.read(syntax)).toEqual(identifier);
    gatherer.drop();
  });

  it('one address takes no more than its part, so that a long step of another has room', async () => {
    await hold(() => '10.0.0.1');
    expect(heldByNotices.bytes).toBeLessThanOrEqual(33_554_432);
    const { operation, responses } = begun(create!, performedStepSopClass, '10.0.0.2');
    await operation.write!(writeIdentifier(identifier, syntax));
    await operation.finish();
    expect(responses).toMatchObject([{ status: 0 }]);
    expect(steps.pop()).toEqual(identifier);
  });

  it('a step as modalities send it has room whoever holds how much', async () => {
    await hold((at) => `10.0.0.${at}`);
    const step: DicomJson = { '00400252': { vr: 'CS', Value: ['IN PROGRESS'] } };
    const { operation, responses } = begun(create!, performedStepSopClass, '10.0.0.1');
    await operation.write!(writeIdentifier(step, syntax));
    await operation.finish();
    expect(responses).toMatchObject([{ status: 0 }]);
    expect(steps.pop()).toEqual(step);
  });
});

describe('a long report on storage commitment', () => {
  function reporting(isAnyExpected: boolean) {
    const arrived: unknown[] = [];
    const service = createEventReportService({
      arrived: (one) => arrived.push(one) > 0,
      isAnyExpected: () => isAnyExpected,
    });
    return { ...begun(service, storageCommitment.sopClassUid, '10.0.0.1'), arrived };
  }

  it('is held where one is waited for', async () => {
    const { operation, responses, arrived } = reporting(true);
    await operation.write!(await encodedReport());
    expect(heldByNotices.bytes).toBeGreaterThan(65_536);
    await operation.finish();
    expect(arrived).toEqual([report]);
    expect(responses).toMatchObject([{ status: 0 }]);
    expect(heldByNotices.bytes).toBe(0);
  });

  it('is passed over, and not sent again and again, where nobody waits for any', async () => {
    const { operation, responses, arrived } = reporting(false);
    await operation.write!(await encodedReport());
    expect(heldByNotices.bytes).toBe(0);
    await operation.finish();
    expect(arrived).toEqual([]);
    expect(responses).toMatchObject([{ status: 0 }]);
  });
});

it('what is held is counted beyond what is small, and of each address', () => {
  const held = createHeldBytes({ maxBytes: 100, maxBytesOfAddress: 60, smallBytes: 10 });
  const one = held.of('10.0.0.1');
  expect(one.resize(0, 70)).toBeUndefined();
  expect(held.bytes).toBe(60);
  expect(one.resize(0, 11)).toContain('from this address are longer than 60 bytes');
  expect(one.resize(0, 10)).toBeUndefined();
  const other = held.of('10.0.0.2');
  expect(other.resize(0, 51)).toContain('longer than 100 bytes together');
  expect(other.resize(0, 50)).toBeUndefined();
  expect(one.resize(70, 20)).toBeUndefined();
  expect(one.resize(0, 20)).toBeUndefined();
  expect(held.bytes).toBe(60);
});
