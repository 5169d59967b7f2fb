import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type CommandSet, decodeCommandSet, encodeCommandSet } from '../../src/dimse/command/command-set.ts';

/** Writes exactly what a test says, right or wrong, and hands back what comes, PDU by PDU. */
export interface RawClient {
  readonly socket: Socket;
  send(...bytes: readonly Uint8Array[]): void;
  /** The next PDU; rejects if the connection closes first. */
  nextPdu(): Promise<RawPdu>;
  /** The next message's command. The responses of these tests have no data set and fit into one PDU. */
  nextCommand(): Promise<CommandSet>;
  /** Resolves when the server has closed the connection; PDUs that came before can still be read. */
  readonly closed: Promise<void>;
  destroy(): void;
}

export interface RawPdu {
  readonly type: number;
  readonly body: Buffer;
}

/** @param options.paused reads nothing of what the server sends until `socket.resume()` */
export async function connectRaw(
  port: number,
  options: { host?: string; localAddress?: string; paused?: boolean } = {},
): Promise<RawClient> {
  const { host = '127.0.0.1', localAddress } = options;
  const socket = connect({ port, host, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
  const pdus: RawPdu[] = [];
  let buffered = Buffer.alloc(0);
  let wake = (): void => {};
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isClosed = true;
      wake();
      resolve();
    });
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 6 && buffered.length >= 6 + buffered.readUInt32BE(2)) {
      const end = 6 + buffered.readUInt32BE(2);
      pdus.push({ type: buffered.readUInt8(0), body: buffered.subarray(6, end) });
      buffered = buffered.subarray(end);
    }
    wake();
  });
  if (options.paused) socket.pause();

  async function nextPdu(): Promise<RawPdu> {
    while (true) {
      const next = pdus.shift();
      if (next !== undefined) return next;
      if (isClosed) throw new Error('The server closed the connection where a PDU was expected.');
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    socket,
    send: (...bytes) => {
      socket.write(Buffer.concat(bytes));
    },
    nextPdu,
    async nextCommand() {
      const { type, body } = await nextPdu();
      if (type !== 4) throw new Error(`PDU type ${type} came where a response was expected: ${body.toString('hex')}`);
      return decodeCommandSet(body.subarray(6));
    },
    closed,
    destroy: () => socket.destroy(),
  };
}

export function pdu(type: number, ...body: readonly Uint8Array[]): Buffer {
  const variable = Buffer.concat(body);
  const header = Buffer.alloc(6);
  header.writeUInt8(type);
  header.writeUInt32BE(variable.length, 2);
  return Buffer.concat([header, variable]);
}

/** A presentation data value; `control` has bit 0 for a command and bit 1 for the last fragment. */
export function pdv(contextId: number, control: number, fragment: Uint8Array): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt32BE(fragment.length + 2);
  header.writeUInt8(contextId, 4);
  header.writeUInt8(control, 5);
  return Buffer.concat([header, fragment]);
}

export const lastCommandFragment = 3;
export const lastDataFragment = 2;
export const moreData = 0;

interface RawContext {
  readonly id: number;
  readonly abstractSyntaxUid: string;
  readonly transferSyntaxUids: readonly string[];
}

export interface RawAssociate {
  readonly calledAeTitle?: string;
  readonly callingAeTitle?: string;
  readonly protocolVersion?: number;
  readonly applicationContextName?: string;
  readonly contexts?: readonly RawContext[];
  readonly maxPduBytes?: number;
  /** Further sub-items of the user information, encoded. */
  readonly userItems?: readonly Buffer[];
}

export const uids = {
  verification: '1.2.840.10008.1.1',
  ctImageStorage: '1.2.840.10008.5.1.4.1.1.2',
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  jpegBaseline: '1.2.840.10008.1.2.4.50',
} as const;

/** One context for C-STORE of CT images (id 1) and one for C-ECHO (id 3). */
const usualContexts: readonly RawContext[] = [
  { id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [uids.explicitLittleEndian] },
  { id: 3, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] },
];

export function associateRq(options: RawAssociate = {}): Buffer {
  const fixed = Buffer.alloc(68);
  fixed.writeUInt16BE(options.protocolVersion ?? 1);
  fixed.write((options.calledAeTitle ?? 'CAUSEWAY').padEnd(16), 4, 'latin1');
  fixed.write((options.callingAeTitle ?? 'MODALITY').padEnd(16), 20, 'latin1');
  const maximum = Buffer.alloc(4);
  maximum.writeUInt32BE(options.maxPduBytes ?? 16384);
  return pdu(
    0x01,
    fixed,
    item(0x10, Buffer.from(options.applicationContextName ?? '1.2.840.10008.3.1.1.1')),
    ...(options.contexts ?? usualContexts).map(({ id, abstractSyntaxUid, transferSyntaxUids }) =>
      item(
        0x20,
        Buffer.from([id, 0, 0, 0]),
        item(0x30, Buffer.from(abstractSyntaxUid)),
        ...transferSyntaxUids.map((uid) => item(0x40, Buffer.from(uid))),
      ),
    ),
    item(0x50, item(0x51, maximum), item(0x52, Buffer.from('1.2.3.4')), ...(options.userItems ?? [])),
  );
}

export function item(type: number, ...value: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(value);
  const header = Buffer.alloc(4);
  header.writeUInt8(type);
  header.writeUInt16BE(content.length, 2);
  return Buffer.concat([header, content]);
}

/** A text after its length of two bytes. */
export function counted(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, 'latin1')]);
}

/** Splits the items of an A-ASSOCIATE-AC or of one of its items. */
function readItems(bytes: Buffer): { type: number; value: Buffer }[] {
  const items = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    items.push({ type: bytes.readUInt8(at), value: bytes.subarray(at + 4, end) });
    at = end;
  }
  return items;
}

/** What an A-ASSOCIATE-AC answers. */
export function readAccept({ type, body }: RawPdu) {
  if (type !== 2) throw new Error(`PDU type ${type} came where an acceptance was expected: ${body.toString('hex')}`);
  const items = readItems(body.subarray(68));
  const userItems = readItems(items.find((each) => each.type === 0x50)?.value ?? Buffer.alloc(0));
  return {
    contexts: items
      .filter((each) => each.type === 0x21)
      .map(({ value }) => ({
        id: value.readUInt8(0),
        result: value.readUInt8(2),
        transferSyntaxUid: readItems(value.subarray(4))[0]?.value.toString() ?? '',
      })),
    maxPduBytes: userItems.find((each) => each.type === 0x51)?.value.readUInt32BE(),
    userItem: (itemType: number) => userItems.find((each) => each.type === itemType)?.value,
  };
}

export function echoRq(messageId = 1, contextId = 3): Buffer {
  const command = { affectedSopClassUid: uids.verification, commandField: 0x30, messageId, commandDataSetType: 0x0101 };
  return pdu(4, pdv(contextId, lastCommandFragment, encodeCommandSet(command)));
}

export interface RawStore {
  readonly messageId?: number;
  readonly sopInstanceUid?: string;
  readonly sopClassUid?: string;
}

export function storeCommand({ messageId = 1, sopInstanceUid = '1.2.3', sopClassUid }: RawStore = {}): Buffer {
  return encodeCommandSet({
    affectedSopClassUid: sopClassUid ?? uids.ctImageStorage,
    commandField: 0x01,
    messageId,
    priority: 0,
    commandDataSetType: 0,
    affectedSopInstanceUid: sopInstanceUid,
  });
}

/** A C-STORE-RQ with its data set in PDUs of one fragment each. */
export function storeRq(
  dataSet: Uint8Array,
  store: RawStore & { fragmentBytes?: number; contextId?: number } = {},
): Buffer {
  const { fragmentBytes = 16_000, contextId = 1 } = store;
  const pdus = [pdu(4, pdv(contextId, lastCommandFragment, storeCommand(store)))];
  for (let start = 0; start < dataSet.length; start += fragmentBytes) {
    const end = Math.min(start + fragmentBytes, dataSet.length);
    pdus.push(
      pdu(4, pdv(contextId, end === dataSet.length ? lastDataFragment : moreData, dataSet.subarray(start, end))),
    );
  }
  return Buffer.concat(pdus);
}

export const releaseRq = pdu(5, Buffer.alloc(4));

/** A connection on which the association is accepted. */
export async function associateRaw(
  port: number,
  options: RawAssociate & { paused?: boolean; localAddress?: string } = {},
): Promise<RawClient> {
  const { localAddress } = options;
  const client = await connectRaw(port, localAddress === undefined ? {} : { localAddress });
  client.send(associateRq(options));
  readAccept(await client.nextPdu());
  if (options.paused) client.socket.pause();
  return client;
}
