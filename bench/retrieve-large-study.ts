// C-GET and C-MOVE of one study of many instances: rate, and what it takes of memory on the way.
//   npx tsx bench/retrieve-large-study.ts [instances=5000] [pixels=128]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeCommandSet, encodeCommandSet } from '../src/dimse/command/command-set.ts';
import { defaultDimseLimits } from '../src/dimse/limits.ts';
import { createOpenAssociation } from '../src/dimse/scu/open-association.ts';
import { silentLog } from '../src/kernel/log.ts';
import { buildPart10, ctElements, pixelElements } from '../test/support/dicom-builder.ts';
import {
  associateRq,
  connectRaw,
  counted,
  item,
  lastCommandFragment,
  lastDataFragment,
  pdu,
  pdv,
  uids,
} from '../test/support/dimse-raw-client.ts';
import { dataSetOf, startDimseServer } from '../test/support/dimse-server.ts';
import { build, spawnServer } from '../test/support/spawned-server.ts';

const instances = Number(process.argv[2] ?? 5_000);
const size = Number(process.argv[3] ?? 128);
const study = '2.25.5000';
/** What the memory of the server may grow by while it sends: far less than the study has. */
const mostGrowthMb = 64;
const wrong: string[] = [];
const models = { move: '1.2.840.10008.5.1.4.1.2.2.2', get: '1.2.840.10008.5.1.4.1.2.2.3' };

build();
const dir = mkdtempSync(join(tmpdir(), 'causeway-retrieve-'));
const destination = await startDimseServer({ aeTitle: 'DEST' });
destination.ingest.discard = true;
const server = await spawnServer(dir, {
  CAUSEWAY_QUERY_ACCESS: 'anyone',
  CAUSEWAY_PEERS: `DEST@127.0.0.1:${destination.port}`,
});
const residentMb = () =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'latin1'))?.[1]) / 1024);

async function store(): Promise<void> {
  const open = createOpenAssociation({ aeTitle: 'BENCH', limits: defaultDimseLimits });
  const contexts = [{ id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [uids.explicitLittleEndian] }];
  const association = await open({
    aeTitle: 'CAUSEWAY',
    host: '127.0.0.1',
    port: server.dimsePort,
    contexts,
    log: silentLog,
  });
  for (let number = 1; number <= instances; number += 1) {
    const affectedSopInstanceUid = `${study}.1.${number}`;
    const pixelData = Buffer.alloc(2 * size * size, `${number} `);
    const elements = ctElements(
      { study, series: `${study}.1`, instance: affectedSopInstanceUid },
      ...pixelElements({ rows: size, columns: size, pixelData }),
    );
    const dataSet = dataSetOf(buildPart10({ elements }));
    const command = { commandField: 1, affectedSopClassUid: uids.ctImageStorage, affectedSopInstanceUid, priority: 0 };
    const { status } = await association.peer.invoke(1, command, [dataSet]);
    if (status !== 0) throw new Error(`C-STORE was answered ${status?.toString(16)}`);
  }
  await association.release();
}

const identifier = Buffer.concat(
  (
    [
      ['08005200', 'STUDY '],
      ['20000d00', study.length % 2 === 0 ? study : `${study}\0`],
    ] as const
  ).map(([tag, value]) => {
    const header = Buffer.from(`${tag}00000000`, 'hex');
    header.writeUInt32LE(value.length, 4);
    return Buffer.concat([header, Buffer.from(value)]);
  }),
);

/** Asks, answers each C-STORE that comes, and resolves with the final response. */
async function retrieve(how: 'move' | 'get') {
  const client = await connectRaw(server.dimsePort);
  client.send(
    associateRq({
      contexts: [
        { id: 1, abstractSyntaxUid: models[how], transferSyntaxUids: [uids.implicitLittleEndian] },
        { id: 3, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [uids.explicitLittleEndian] },
      ],
      maxPduBytes: 131_072,
      userItems: [item(0x54, counted(uids.ctImageStorage), Buffer.from([0, 1]))],
    }),
  );
  await client.nextPdu();
  const commandField = how === 'move' ? 0x21 : 0x10;
  const command = { commandField, messageId: 1, affectedSopClassUid: models[how], priority: 0, commandDataSetType: 0 };
  const asked = encodeCommandSet(how === 'move' ? { ...command, moveDestination: 'DEST' } : command);
  client.send(pdu(4, pdv(1, lastCommandFragment, asked), pdv(1, lastDataFragment, identifier)));
  for (let store: { messageId?: number; affectedSopInstanceUid?: string } = {}; ; ) {
    const { body } = await client.nextPdu();
    const control = body.readUInt8(5);
    if ((control & 1) === 0) {
      if ((control & 2) === 0) continue;
      const answer = {
        commandField: 0x8001,
        affectedSopClassUid: uids.ctImageStorage,
        messageIdBeingRespondedTo: store.messageId ?? 0,
        affectedSopInstanceUid: store.affectedSopInstanceUid ?? '',
        commandDataSetType: 0x0101,
        status: 0,
      };
      client.send(pdu(4, pdv(3, lastCommandFragment, encodeCommandSet(answer))));
      continue;
    }
    const received = decodeCommandSet(body.subarray(6));
    if (received.commandField === 1) store = received;
    else if (received.status !== 0xff00) {
      client.destroy();
      return received;
    }
  }
}

async function measured(how: 'move' | 'get', isWarm: boolean): Promise<void> {
  const before = residentMb();
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(residentMb()), 250);
  const startedAt = performance.now();
  const { status, numberOfCompletedSuboperations } = await retrieve(how);
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(sampling);
  if (status !== 0 || numberOfCompletedSuboperations !== instances)
    wrong.push(`C-${how.toUpperCase()} is not complete.`);
  // The first brings what is needed once: buffers, and code that has become warm.
  const most = Math.max(...samples);
  if (isWarm && most > before + mostGrowthMb) wrong.push(`Memory grew by ${most - before} MB.`);
  const tenths = Array.from({ length: 10 }, (_, at) => samples[Math.floor((samples.length * (at + 1)) / 10) - 1]);
  console.log(
    `C-${how.toUpperCase()}: ${numberOfCompletedSuboperations} instances, status ${status?.toString(16)}, ${seconds.toFixed(1)} s, ` +
      `${Math.round(instances / seconds)}/s; memory before ${before} MB, most ${most} MB, each tenth: ${tenths.join(' ')}`,
  );
}

try {
  const startedAt = performance.now();
  await store();
  console.log(
    `stored ${instances} of ${size}×${size} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${residentMb()} MB`,
  );
  for (const isWarm of [false, true]) {
    for (const how of ['get', 'move'] as const) await measured(how, isWarm);
  }
  await pause(5_000);
  console.log(`5 s later: ${residentMb()} MB`);
  console.log(wrong.length === 0 ? 'All as it should be.' : wrong.join('\n'));
  if (wrong.length > 0) process.exitCode = 1;
} finally {
  await server.stop();
  await destination.server.close({ graceMs: 0 });
  rmSync(dir, { recursive: true, force: true });
}
