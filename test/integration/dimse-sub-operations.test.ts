import { afterEach, describe, expect, it } from 'vitest';
import { type CommandSet, decodeCommandSet, encodeCommandSet } from '../../src/dimse/command/command-set.ts';
import type { LentAssociation } from '../../src/dimse/scu/peer-associations.ts';
import type { KnownPeer } from '../../src/peers/peers.ts';
import type { StoredRetrieve } from '../../src/retrieve/retrieve.ts';
import type { StoredSearch } from '../../src/search/search.ts';
import {
  associateRaw,
  counted,
  echoRq,
  item,
  lastCommandFragment,
  lastDataFragment,
  pdu,
  pdv,
  type RawClient,
  uids,
} from '../support/dimse-raw-client.ts';
import { searchNothing, startDimseServer, type TestDimseServer } from '../support/dimse-server.ts';

const moveClass = '1.2.840.10008.5.1.4.1.2.2.2';
const getClass = '1.2.840.10008.5.1.4.1.2.2.3';

/** One study of one image. */
const search: StoredSearch = {
  ...searchNothing,
  async *findAll() {
    yield { matches: [{ '0020000D': { vr: 'UI', Value: ['1.2'] } }], warnings: [] };
  },
  count: async () => ({ count: 1, warnings: [] }),
};
const instance = {
  sopClassUid: uids.ctImageStorage,
  sopInstanceUid: '1.2.3',
  transferSyntaxUid: uids.explicitLittleEndian,
  size: 8,
  dataSetOffset: 0,
};
const retrieve = {
  async *instances() {
    yield instance;
  },
  producible: () => [],
  dataSet: async () => Buffer.from('an image'),
} as unknown as StoredRetrieve;

let dimse: TestDimseServer | undefined;
let client: RawClient | undefined;
afterEach(async () => {
  client?.destroy();
  await dimse?.server.close({ graceMs: 0 });
});

/** In implicit VR. */
const identifier = Buffer.from('\x08\0\x52\0\x06\0\0\0STUDY \x20\0\x0d\0\x04\0\0\x001.2\0', 'latin1');
const request = (command: CommandSet): Buffer =>
  pdu(
    4,
    pdv(1, lastCommandFragment, encodeCommandSet({ ...command, commandDataSetType: 0 })),
    pdv(1, lastDataFragment, identifier),
  );
const implicit = [uids.implicitLittleEndian];

/** The next command, whatever data sets come before it. */
async function nextCommand(from: RawClient): Promise<CommandSet> {
  for (;;) {
    const { body } = await from.nextPdu();
    if ((body.readUInt8(5) & 1) === 1) return decodeCommandSet(body.subarray(6));
  }
}

describe('the sub-operations', () => {
  it('of C-GETs over one association go out one at a time, each with the priority of its own', async () => {
    dimse = await startDimseServer({ search, retrieve });
    const caller = await associateRaw(dimse.port, {
      contexts: [
        { id: 1, abstractSyntaxUid: getClass, transferSyntaxUids: implicit },
        { id: 3, abstractSyntaxUid: uids.verification, transferSyntaxUids: implicit },
        { id: 5, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [uids.explicitLittleEndian] },
      ],
      // It performs one operation at a time, and invokes three.
      userItems: [item(0x53, Buffer.from([0, 3, 0, 1])), item(0x54, counted(uids.ctImageStorage), Buffer.from([0, 1]))],
    });
    client = caller;
    const gets = [1, 2].map((messageId) =>
      request({ commandField: 0x10, affectedSopClassUid: getClass, messageId, priority: messageId }),
    );
    caller.send(...gets);
    const stores: CommandSet[] = [];
    // By the time that these are answered, a second one would have come.
    for (const messageId of [10, 11, 12]) {
      caller.send(echoRq(messageId));
      for (let command = await nextCommand(caller); command.commandField !== 0x8030; ) {
        stores.push(command);
        command = await nextCommand(caller);
      }
    }
    expect(stores).toMatchObject([{ commandField: 1, affectedSopInstanceUid: '1.2.3', priority: 1 }]);

    const answer = ({ messageId = 0 }: CommandSet): void => {
      const response = {
        commandField: 0x8001,
        messageIdBeingRespondedTo: messageId,
        status: 0,
        commandDataSetType: 0x0101,
      };
      caller.send(pdu(4, pdv(5, lastCommandFragment, encodeCommandSet(response))));
    };
    answer(stores[0]!);
    const ended: CommandSet[] = [];
    while (ended.length < 2) {
      const command = await nextCommand(caller);
      if (command.commandField === 0x8010) ended.push(command);
      else {
        stores.push(command);
        answer(command);
      }
    }
    expect(stores[1]).toMatchObject({ commandField: 1, priority: 2 });
    expect(ended).toMatchObject([1, 2].map((id) => ({ messageIdBeingRespondedTo: id, status: 0 })));
  });

  it('of a C-MOVE have its priority, and say who asked for them', async () => {
    const sent: CommandSet[] = [];
    const contexts = [{ id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUid: uids.explicitLittleEndian }];
    const destination = {
      isOpen: true,
      peer: {
        contexts,
        async invoke(_contextId: number, command: CommandSet) {
          sent.push(command);
          return { status: 0 };
        },
      },
      giveBack: async () => {},
    } as unknown as LentAssociation;
    const known = { aeTitle: 'DEST', host: '127.0.0.1', port: 104, transferSyntaxUids: [] } as unknown as KnownPeer;
    dimse = await startDimseServer({
      search,
      retrieve,
      peers: { all: async () => [known] as never },
      associations: { borrow: async () => destination },
    });
    client = await associateRaw(dimse.port, {
      contexts: [{ id: 1, abstractSyntaxUid: moveClass, transferSyntaxUids: implicit }],
    });
    const command = { commandField: 0x21, affectedSopClassUid: moveClass, moveDestination: 'DEST' };
    client.send(request({ ...command, messageId: 7, priority: 2 }));
    expect(await nextCommand(client)).toMatchObject({ status: 0, numberOfCompletedSuboperations: 1 });
    expect(sent).toMatchObject([{ priority: 2, moveOriginatorAeTitle: 'MODALITY', moveOriginatorMessageId: 7 }]);
  });
});
