import { createHash } from 'node:crypto';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Stands between an SCU and an SCP, passes everything on, and knows what was sent. */
export interface DimseTap {
  readonly port: number;
  /** SHA-256 of each C-STORE data set that passed, by Affected SOP Instance UID. */
  dataSets(): Map<string, string>;
  close(): Promise<void>;
}

/** Listens for an SCU and passes it on to the SCP at `scpPort` of this machine. */
export async function startDimseTap(scpPort: number): Promise<DimseTap> {
  const seen = new Map<string, string>();
  const server = createServer((scu) => {
    const scp = connect({ port: scpPort, host: '127.0.0.1', noDelay: true });
    const listener = dataSetListener(seen);
    scu.setNoDelay(true);
    scu.on('data', (chunk: Buffer) => {
      listener(chunk);
      if (!scp.write(chunk)) scu.pause();
    });
    scp.on('drain', () => scu.resume());
    scp.pipe(scu);
    scu.on('end', () => scp.end());
    scu.on('error', () => scp.destroy());
    scp.on('error', () => scu.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    dataSets: () => seen,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

/** Reads P-DATA-TF PDUs (PS3.8 §9.3.5) of a well-behaved SCU. */
function dataSetListener(seen: Map<string, string>): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  let command = Buffer.alloc(0);
  let hash = createHash('sha256');

  function readValue(pdv: Buffer): void {
    const control = pdv.readUInt8(5);
    const value = pdv.subarray(6);
    if (control & 1) {
      command = Buffer.concat([command, value]);
      return;
    }
    hash.update(value);
    if (control & 2) {
      seen.set(affectedSopInstanceUid(command), hash.digest('hex'));
      command = Buffer.alloc(0);
      hash = createHash('sha256');
    }
  }

  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 6 && pending.length >= 6 + pending.readUInt32BE(2)) {
      const end = 6 + pending.readUInt32BE(2);
      if (pending.readUInt8(0) === 4) {
        for (let at = 6; at < end; at += 4 + pending.readUInt32BE(at)) {
          readValue(pending.subarray(at, at + 4 + pending.readUInt32BE(at)));
        }
      }
      pending = pending.subarray(end);
    }
  };
}

/** (0000,1000) of a command set, Implicit VR Little Endian. */
function affectedSopInstanceUid(command: Buffer): string {
  for (let at = 0; at + 8 <= command.length; at += 8 + command.readUInt32LE(at + 4)) {
    if (command.readUInt16LE(at + 2) !== 0x1000) continue;
    return command.toString('latin1', at + 8, at + 8 + command.readUInt32LE(at + 4)).replace(/\0$/, '');
  }
  throw new Error('a C-STORE-RQ without Affected SOP Instance UID');
}
