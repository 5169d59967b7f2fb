import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCommandSet } from '../../src/dimse/command/command-set.ts';
import type { InstanceOutcome } from '../../src/ingest/ingest.ts';
import { buildPart10, ctElements, element } from '../support/dicom-builder.ts';
import {
  associateRaw,
  lastCommandFragment,
  lastDataFragment,
  pdu,
  pdv,
  type RawClient,
  releaseRq,
  uids,
} from '../support/dimse-raw-client.ts';
import { createMemoryLog, startDimseServer, stored, type TestDimseServer, until } from '../support/dimse-server.ts';
import { send } from '../support/services.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const study = '2.25.5005';
const [earlier, later] = ['2.25.5004', '2.25.5006'];
const ofEachClass = 12;
const privateSopClass = '2.25.5005.9';
const moveSopClass = '1.2.840.10008.5.1.4.1.2.2.2';

describe('C-MOVE to a destination', () => {
  const log = createMemoryLog();
  let server: TestServer;
  let destination: TestDimseServer;
  let caller: RawClient;
  let destinationPort = 0;

  beforeAll(async () => {
    destination = await startDimseServer({ aeTitle: 'DEST' });
    destinationPort = destination.port;
    await destination.server.close({ graceMs: 0 });
    server = await startTestServer(
      {
        CAUSEWAY_QUERY_ACCESS: 'anyone',
        CAUSEWAY_PEERS: `DEST@127.0.0.1:${destinationPort}`,
        CAUSEWAY_STORAGE_SOP_CLASSES: privateSopClass,
      },
      log,
    );
    for (let at = 0; at < 2 * ofEachClass; at += 1) {
      const elements = ctElements({ study, series: `${study}.1`, instance: `${study}.1.${at}` });
      const sopClassUid = at % 2 === 0 ? uids.ctImageStorage : privateSopClass;
      const ofClass = elements.map((each) => (each.tag === '00080016' ? element('00080016', 'UI', sopClassUid) : each));
      await send(server.house.ingest, buildPart10({ elements: ofClass }));
    }
  });
  afterAll(() => server.close());

  const isThere = async (one: string) => (await fetch(`${server.web}/studies/${one}/metadata`)).ok;
  const deleted = (one: string) => fetch(`${server.web}/studies/${one}`, { method: 'DELETE' });
  beforeEach(async () => {
    destination = await startDimseServer({
      aeTitle: 'DEST',
      port: destinationPort,
      privateSopClassUids: [privateSopClass],
    });
    caller = await associateRaw(server.dimsePort, {
      contexts: [{ id: 1, abstractSyntaxUid: moveSopClass, transferSyntaxUids: [uids.implicitLittleEndian] }],
    });
    log.lines.length = 0;
  });
  afterEach(async () => {
    caller.send(releaseRq);
    caller.destroy();
    await destination.server.close({ graceMs: 0 });
  });

  function move(studies = study): void {
    const text = (tag: string, value: string) => {
      const header = Buffer.from(`${tag}00000000`, 'hex');
      header.writeUInt32LE(value.length, 4);
      return Buffer.concat([header, Buffer.from(value)]);
    };
    const command = {
      commandField: 0x21,
      messageId: 7,
      affectedSopClassUid: moveSopClass,
      moveDestination: 'DEST',
      priority: 0,
      commandDataSetType: 0,
    };
    const identifier = Buffer.concat([
      text('08005200', 'STUDY '),
      text('20000d00', studies.padEnd(studies.length + (studies.length % 2), '\0')),
    ]);
    caller.send(pdu(4, pdv(1, lastCommandFragment, encodeCommandSet(command)), pdv(1, lastDataFragment, identifier)));
  }

  async function finalResponse() {
    let pending = 0;
    while (true) {
      const response = await caller.nextCommand();
      if (response.status !== 0xff00) return { pending, response };
      pending += 1;
    }
  }

  /** The Failed SOP Instance UID List behind the final response. */
  async function failedUids(): Promise<string[]> {
    const { body } = await caller.nextPdu();
    return body
      .subarray(6 + 8)
      .toString('latin1')
      .replace(/\0$/, '')
      .split('\\');
  }

  it('that refuses half of the SOP classes sends the other half and names what was refused', async () => {
    await destination.server.close({ graceMs: 0 });
    destination = await startDimseServer({ aeTitle: 'DEST', port: destinationPort });
    move();
    const { response, pending } = await finalResponse();
    expect(response).toMatchObject({
      status: 0xb000,
      numberOfCompletedSuboperations: ofEachClass,
      numberOfFailedSuboperations: ofEachClass,
      numberOfWarningSuboperations: 0,
    });
    expect(pending).toBe(2 * ofEachClass - 1);
    const refused = Array.from({ length: ofEachClass }, (_, at) => `${study}.1.${2 * at + 1}`);
    expect((await failedUids()).sort()).toEqual(refused.sort());
    expect(log.lines.map(({ facts }) => facts.reason)).toContain(
      `The peer does not take SOP class ${privateSopClass}.`,
    );
  });

  it('that keeps other content under the same UIDs has not got what it was sent, for all that its answer is a warning', async () => {
    destination.ingest.outcome = () => ({ ...stored(), status: 'kept' }) as InstanceOutcome;
    move();
    const { response } = await finalResponse();
    expect(response).toMatchObject({ status: 0xa702, numberOfFailedSuboperations: 2 * ofEachClass });
    expect(await failedUids()).toHaveLength(2 * ofEachClass);
  });

  it('gets what follows a study that is deleted before its turn has come', async () => {
    for (const one of [earlier, later]) {
      await send(
        server.house.ingest,
        buildPart10({ elements: ctElements({ study: one, series: `${one}.1`, instance: `${one}.1.1` }) }),
      );
    }
    let gone: string | undefined;
    destination.ingest.beforeFinish = async ({ source }) => {
      if (gone !== undefined) return;
      const isFirst = source.door === 'dimse' && source.affected?.sopInstanceUid.startsWith(earlier);
      gone = isFirst ? later : earlier;
      await deleted(gone);
    };
    move(`${earlier}\\${study}\\${later}`);
    const { response } = await finalResponse();
    expect(response).toMatchObject({
      status: 0,
      numberOfCompletedSuboperations: 2 * ofEachClass + 1,
      numberOfFailedSuboperations: 0,
    });
    expect(await isThere(gone!)).toBe(false);
    await Promise.all([earlier, later].map(deleted));
  });

  it('that dies halfway ends with what was sent, what was not by name, and without waiting for each', async () => {
    let stored = 0;
    destination.ingest.beforeFinish = async () => {
      stored += 1;
      if (stored > 10) void destination.server.close({ graceMs: 0 });
    };
    move();
    const startedAt = performance.now();
    const { response } = await finalResponse();
    expect(response.status).toBe(0xb000);
    expect(response.numberOfCompletedSuboperations).toBeGreaterThanOrEqual(10);
    const failed = response.numberOfFailedSuboperations ?? 0;
    expect((response.numberOfCompletedSuboperations ?? 0) + failed).toBe(2 * ofEachClass);
    expect(failed).toBeGreaterThanOrEqual(2 * ofEachClass - 11);
    expect(await failedUids()).toHaveLength(failed);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('that is cancelled stops before the next, says how much remains and lets the destination go', async () => {
    let goOn = (): void => {};
    destination.ingest.beforeFinish = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    move();
    await until(() => destination.ingest.bytesWritten > 0);
    goOn();
    expect(await caller.nextCommand()).toMatchObject({ status: 0xff00, numberOfCompletedSuboperations: 1 });
    const before = destination.ingest.bytesWritten;
    await until(() => destination.ingest.bytesWritten > before);
    const cancel = { commandField: 0x0fff, messageIdBeingRespondedTo: 7, commandDataSetType: 0x0101 };
    caller.send(pdu(4, pdv(1, lastCommandFragment, encodeCommandSet(cancel))));
    // One that was begun is sent to its end: the cancellation is waited for behind it.
    destination.ingest.beforeFinish = () => Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    goOn();
    const { response } = await finalResponse();
    expect(response).toMatchObject({ status: 0xfe00, numberOfFailedSuboperations: 0 });
    expect(response.numberOfRemainingSuboperations).toBe(
      2 * ofEachClass - (response.numberOfCompletedSuboperations ?? 0),
    );
    expect(response.numberOfCompletedSuboperations).toBeLessThan(5);
    await until(() => destination.log.lines.some(({ facts }) => facts.end === 'released'));
    expect(destination.ingest.finished).toHaveLength(response.numberOfCompletedSuboperations ?? 0);
  });
});
