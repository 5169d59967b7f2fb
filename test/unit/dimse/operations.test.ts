import type { Socket } from 'node:net';
import { Duplex, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createMessageWriter, type MessageWriter } from '../../../src/dimse/association/message-writer.ts';
import { createOperations, type Operations } from '../../../src/dimse/association/operations.ts';
import { type CommandSet, decodeCommandSet, encodeCommandSet } from '../../../src/dimse/command/command-set.ts';
import { readAhead } from '../../../src/dimse/read-ahead.ts';
import type { DimseOperation, DimseRequest, DimseService, Respond } from '../../../src/dimse/service.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { type Log, silentLog } from '../../../src/kernel/log.ts';
import { createMemoryLog } from '../../support/dimse-server.ts';

const findField = 0x0020;
const contextId = 5;

interface Sent {
  readonly command: CommandSet;
  readonly dataSet: string | undefined;
}

/** Operations over one service, as a later C-FIND would be; what it sends is kept. */
function createTested(
  begin: (request: DimseRequest, respond: Respond) => DimseOperation,
  maxOperations = 1,
  writer?: MessageWriter,
  log: Log = silentLog,
) {
  const sent: Sent[] = [];
  const broken: string[] = [];
  let ended = 0;
  const service: DimseService = {
    name: 'C-FIND',
    commandField: findField,
    acceptsSopClass: () => true,
    acceptsTransferSyntax: () => true,
    begin,
  };
  const operations = createOperations({
    association: { id: 'a', callingAeTitle: 'A', calledAeTitle: 'B', address: '127.0.0.1' },
    contexts: new Map([[contextId, { id: contextId, abstractSyntaxUid: '1.2', transferSyntaxUid: '1.3' }]]),
    peerContexts: [],
    services: [service],
    writer: writer ?? {
      hasEnded: false,
      async send(_contextId, command, dataSet) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of dataSet ?? []) chunks.push(chunk);
        const text = dataSet === undefined ? undefined : Buffer.concat(chunks).toString();
        sent.push({ command: decodeCommandSet(command), dataSet: text });
      },
    },
    maxOperations,
    maxCommandBytes: 1000,
    log,
    onEnd: () => {
      ended += 1;
    },
    onAwaiting: () => {},
    onBroken: (error) => broken.push(error.message),
  });
  return { operations, sent, broken, ended: () => ended };
}

function command(operations: Operations, given: CommandSet) {
  return operations.receive({
    kind: 'fragment',
    contextId,
    isCommand: true,
    ends: true,
    bytes: encodeCommandSet(given),
  });
}

function data(operations: Operations, text: string, ends = true) {
  return operations.receive({ kind: 'fragment', contextId, isCommand: false, ends, bytes: Buffer.from(text) });
}

const find = { commandField: findField, messageId: 3, affectedSopClassUid: '1.2', commandDataSetType: 0 };
const cancelOf = (messageId: number) => ({ commandField: 0x0fff, messageIdBeingRespondedTo: messageId });

describe('operations', () => {
  it('a service takes the data set in pieces and answers with as many responses as it likes', async () => {
    const { operations, sent } = createTested((request, respond) => {
      let identifier = '';
      return {
        write(bytes) {
          identifier += bytes.toString();
          return undefined;
        },
        async finish() {
          expect(request).toMatchObject({ hasDataSet: true, context: { id: contextId }, command: { messageId: 3 } });
          await respond({ status: 0xff00 }, [Buffer.from(identifier), Buffer.from('!')]);
          await respond({ status: 0 });
        },
      };
    });
    await command(operations, find);
    expect(operations.midMessage).toBe(true);
    await data(operations, 'who', false);
    await data(operations, ' is it');
    expect(operations.midMessage).toBe(false);
    await operations.whenIdle();
    const common = { commandField: 0x8020, messageIdBeingRespondedTo: 3, affectedSopClassUid: '1.2' };
    expect(sent).toEqual([
      { command: { ...common, status: 0xff00, commandDataSetType: 0 }, dataSet: 'who is it!' },
      { command: { ...common, status: 0, commandDataSetType: 0x0101 }, dataSet: undefined },
    ]);
    expect(Object.fromEntries(operations.counts)).toEqual({ 'C-FIND': 1 });
  });

  it('C-CANCEL reaches the operation that it names while that one runs', async () => {
    const { operations, sent } = createTested((_request, respond) => {
      let cancel = (): void => {};
      const cancelled = new Promise<void>((resolve) => {
        cancel = resolve;
      });
      return { cancel, finish: () => cancelled.then(() => respond({ status: 0xfe00 })) };
    });
    await command(operations, find);
    await data(operations, 'x');
    await command(operations, cancelOf(99));
    expect(operations.running).toBe(1);
    await command(operations, cancelOf(3));
    await operations.whenIdle();
    expect(sent.map(({ command: { status } }) => status)).toEqual([0xfe00]);
  });

  it('a request beyond the window waits until one has ended, and is then served', async () => {
    const ends: (() => void)[] = [];
    const { operations, sent, ended } = createTested((_request, respond) => ({
      finish: () => new Promise<void>((resolve) => ends.push(resolve)).then(() => respond({ status: 0 })),
    }));
    await command(operations, { ...find, commandDataSetType: 0x0101 });
    const waits = command(operations, { ...find, messageId: 4, commandDataSetType: 0x0101 });
    expect(waits).toBeInstanceOf(Promise);
    expect(operations.running).toBe(1);
    ends[0]?.();
    await waits;
    expect(operations.running).toBe(1);
    ends[1]?.();
    await operations.whenIdle();
    expect(sent.map(({ command: { messageIdBeingRespondedTo: id } }) => id)).toEqual([3, 4]);
    expect(ended()).toBe(2);
  });

  it('a request that waits when the association ends is never begun', async () => {
    let begun = 0;
    const ends: (() => void)[] = [];
    const { operations } = createTested(() => {
      begun += 1;
      return { finish: () => new Promise((resolve) => ends.push(resolve)) };
    });
    await command(operations, { ...find, commandDataSetType: 0x0101 });
    const waits = command(operations, { ...find, messageId: 4, commandDataSetType: 0x0101 });
    operations.abort();
    ends[0]?.();
    await waits;
    expect(begun).toBe(1);
  });

  it('the end of the association aborts what runs and what is being received', async () => {
    const aborted: number[] = [];
    const { operations } = createTested(
      ({ command: { messageId = 0 } }) => ({
        finish: () => new Promise(() => {}),
        async abort() {
          aborted.push(messageId);
        },
      }),
      2,
    );
    await command(operations, { ...find, messageId: 1 });
    await data(operations, 'x');
    await command(operations, { ...find, messageId: 2 });
    await data(operations, 'x', false);
    operations.abort();
    expect(aborted).toEqual([1, 2]);
  });

  it('fragments of a command keep no hold of the network buffer they came in', async () => {
    const begun: string[] = [];
    const { operations } = createTested(({ command: { affectedSopClassUid } }) => {
      begun.push(affectedSopClassUid ?? 'none');
      return { finish: async () => {} };
    });
    const encoded = encodeCommandSet({ commandField: findField, messageId: 1, affectedSopClassUid: '1.2.3' });
    for (const at of encoded.keys()) {
      const networkBuffer = Buffer.from(encoded);
      const bytes = networkBuffer.subarray(at, at + 1);
      void operations.receive({ kind: 'fragment', contextId, isCommand: true, ends: at === encoded.length - 1, bytes });
      networkBuffer.fill(0xff);
    }
    expect(begun).toEqual(['1.2.3']);
  });

  it('a data set ends when its last bytes are taken, not before', async () => {
    const steps: string[] = [];
    let taken = (): void => {};
    const { operations } = createTested((_request, respond) => ({
      write: () =>
        new Promise<void>((resolve) => {
          taken = resolve;
        }).then(() => void steps.push('taken')),
      async finish() {
        steps.push('finish');
        await respond({ status: 0 });
      },
    }));
    await command(operations, find);
    const wait = data(operations, 'x');
    expect(steps).toEqual([]);
    taken();
    await wait;
    await operations.whenIdle();
    expect(steps).toEqual(['taken', 'finish']);
  });

  it.each([
    ['timed-out', []],
    ['internal', ['error']],
  ] as const)(
    'what fails after the caller has hung up, as %s, is an error only if it is ours',
    async (code, levels) => {
      const log = createMemoryLog();
      let fail = (_: Error): void => {};
      const finish = () => new Promise<void>((_, reject) => (fail = reject));
      const { operations, sent } = createTested(() => ({ finish }), 1, undefined, log);
      void command(operations, { ...find, commandDataSetType: 0x0101 });
      operations.abort();
      fail(new CausewayError(code, 'It took too long.'));
      await operations.whenIdle();
      expect(log.lines.filter(({ level }) => level !== 'debug').map(({ level }) => level)).toEqual(levels);
      expect(sent).toHaveLength(levels.length);
    },
  );

  it.each(['aborted', 'stored-file-damaged'] as const)(
    'the association is broken by a data set of ours that fails on its way as `%s`',
    async (code) => {
      const { operations, broken } = createTested(() => ({ finish: async () => {} }));
      const error = new CausewayError(code, 'It ends here.');
      async function* failing() {
        yield Buffer.from('half');
        throw error;
      }
      const sent = operations.peer.invoke(contextId, { commandField: 1 }, failing());
      await expect(sent).rejects.toMatchObject({ code: 'aborted', cause: error });
      expect(broken).toEqual(['It ends here.']);
    },
  );

  describe('over a connection', () => {
    /** What the peer has not taken goes nowhere. */
    function connection() {
      const written: Buffer[] = [];
      const duplex = new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, callback) {
          written.push(chunk);
          callback();
        },
      });
      const socket = Object.assign(duplex, { cork() {}, uncork() {} }) as unknown as Socket;
      return { socket, written, writer: createMessageWriter({ socket, maxPduBytes: 1000, onBlocked() {} }) };
    }

    it('the association is broken by a data set that turns out to have an odd number of bytes', async () => {
      const { writer, written } = connection();
      const { operations, broken } = createTested(() => ({ finish: async () => {} }), 1, writer);
      const sent = operations.peer.invoke(contextId, { commandField: 1 }, [Buffer.alloc(3001)]);
      await expect(sent).rejects.toMatchObject({ code: 'aborted', cause: { code: 'malformed' } });
      expect(Buffer.concat(written).length).toBeGreaterThan(2000);
      expect(broken).toEqual([expect.stringContaining('odd number of bytes')]);
    });

    it('nothing is answered any more behind a response whose data set cannot be sent to its end', async () => {
      const { writer, written } = connection();
      const { operations, broken } = createTested(
        (_request, respond) => ({ finish: () => respond({ status: 0xff00 }, [Buffer.alloc(3001)]) }),
        1,
        writer,
      );
      await command(operations, find);
      await data(operations, 'x');
      await operations.whenIdle();
      expect(broken).toEqual([expect.stringContaining('odd number of bytes')]);
      // The first command, and none behind it.
      expect(Buffer.concat(written).toString('latin1').split('1.2\0').length - 1).toBe(1);
    });

    it.each([
      ['the association has ended', 'abort'],
      ['the connection has closed', 'destroy'],
      ['the connection closes while its turn has not come', 'while it waits'],
    ])('a data set that is not begun, as %s, lets go of what it reads from', async (_why, when) => {
      const { writer, socket } = connection();
      const { operations } = createTested(() => ({ finish: async () => {} }), 1, writer);
      const steps: string[] = [];
      const source = Readable.from([Buffer.alloc(2), Buffer.alloc(2)]);
      async function* cutOff() {
        yield Buffer.alloc(2);
        socket.destroy();
      }
      const dataSet = await readAhead(source, { bytes: 0, ms: 0 });
      if (when === 'abort') operations.abort();
      if (when === 'destroy') socket.destroy();
      if (when === 'while it waits') writer.send(1, Buffer.alloc(2), cutOff()).catch(() => steps.push('cut off'));
      await expect(operations.peer.invoke(contextId, { commandField: 1 }, dataSet)).rejects.toMatchObject({
        code: 'aborted',
      });
      expect(steps).toEqual(when === 'while it waits' ? ['cut off'] : []);
      expect(source.destroyed).toBe(true);
    });

    it('the end of the connection is not told as a message that broke the association', async () => {
      const { writer, socket } = connection();
      const { operations, broken } = createTested(() => ({ finish: async () => {} }), 1, writer);
      async function* cutOff() {
        yield Buffer.alloc(3000);
        socket.destroy();
        yield Buffer.alloc(3000);
      }
      const sent = operations.peer.invoke(contextId, { commandField: 1 }, cutOff());
      await expect(sent).rejects.toThrow('The connection ended');
      expect(broken).toEqual([]);
    });
  });

  it('no request of ours goes out before the one before is answered', async () => {
    const { operations, sent } = createTested(() => ({ finish: async () => {} }));
    const statuses: (number | undefined)[] = [];
    const requests = [1, 2, 3].map(async () => {
      statuses.push((await operations.peer.invoke(contextId, { commandField: 1 })).status);
    });
    for (const messageId of [1, 2]) {
      await expect.poll(() => sent.length).toBe(messageId);
      await command(operations, { commandField: 0x8001, messageIdBeingRespondedTo: messageId, status: messageId });
      await requests[messageId - 1];
    }
    expect(statuses).toEqual([1, 2]);
    await expect.poll(() => sent.length).toBe(3);
    operations.abort('It went away.');
    await expect(requests[2]).rejects.toMatchObject({ code: 'aborted', message: expect.stringContaining('It went') });
  });

  it('requests of ours that wait for their turn are never sent when the association ends, and let go of what they read', async () => {
    const { operations, sent } = createTested(() => ({ finish: async () => {} }));
    const source = Readable.from([Buffer.alloc(2)]);
    const first = operations.peer.invoke(contextId, { commandField: 1 });
    const second = operations.peer.invoke(contextId, { commandField: 1 }, await readAhead(source, { bytes: 0, ms: 0 }));
    operations.abort('It went away.');
    for (const one of [first, second]) await expect(one).rejects.toThrow('It went away.');
    expect(sent).toHaveLength(1);
    expect(source.destroyed).toBe(true);
  });

  it('an answer that cannot be read is what the peer did, not whoever had it asked', async () => {
    const { operations } = createTested(() => ({ finish: async () => {} }));
    const asked = operations.peer.request(contextId, { commandField: findField }, {});
    await command(operations, { commandField: 0x8020, messageIdBeingRespondedTo: 1, status: 0, commandDataSetType: 0 });
    await data(operations, 'no data set');
    const { readDataSet } = await asked;
    expect(readDataSet).toThrow(
      expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('cannot be read') }),
    );
  });

  it('another association that ends leaves nobody without an answer over this one', async () => {
    const elsewhere = new CausewayError('aborted', 'The association ended before the peer answered.');
    const { operations, sent } = createTested(() => ({ finish: () => Promise.reject(elsewhere) }));
    await command(operations, { ...find, commandDataSetType: 0x0101 });
    await operations.whenIdle();
    expect(sent.map(({ command: { status } }) => status)).toEqual([0x0110]);
    operations.abort();
    await command(operations, { ...find, messageId: 4, commandDataSetType: 0x0101 });
    await operations.whenIdle();
    expect(sent).toHaveLength(1);
  });

  it.each([
    [
      'begin',
      () => {
        throw new Error('begin');
      },
    ],
    ['finish', () => ({ finish: () => Promise.reject(new Error('finish')) })],
  ])('a service that fails in %s answers 0110, also where a data set follows', async (_name, begin) => {
    const { operations, sent } = createTested(begin);
    await command(operations, find);
    await data(operations, 'x');
    await operations.whenIdle();
    expect(sent.map(({ command: { status } }) => status)).toEqual([0x0110]);
  });
});
