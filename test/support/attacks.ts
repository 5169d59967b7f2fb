import { type CommandSet, encodeCommandSet } from '../../src/dimse/command/command-set.ts';
import {
  associateRq,
  counted,
  echoRq,
  item,
  lastCommandFragment,
  lastDataFragment,
  moreData,
  pdu,
  pdv,
  releaseRq,
  storeCommand,
  storeRq,
  uids,
} from './dimse-raw-client.ts';
import type { Random } from './random.ts';

/** What one hostile or broken peer does with one connection. */
export interface Attack {
  /** Written one after the other, the server reading in between. */
  readonly sends: readonly Buffer[];
  /** `close`: the peer ends its side and reads on. `reset`: it is gone. `deaf`: it reads nothing, then is gone. */
  readonly ending: 'close' | 'reset' | 'deaf';
}

const query = {
  find: '1.2.840.10008.5.1.4.1.2.2.1',
  move: '1.2.840.10008.5.1.4.1.2.2.2',
  get: '1.2.840.10008.5.1.4.1.2.2.3',
};
const contexts = [
  { id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [uids.explicitLittleEndian] },
  { id: 3, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] },
  { id: 5, abstractSyntaxUid: query.find, transferSyntaxUids: [uids.implicitLittleEndian] },
  { id: 7, abstractSyntaxUid: query.move, transferSyntaxUids: [uids.implicitLittleEndian] },
  { id: 9, abstractSyntaxUid: query.get, transferSyntaxUids: [uids.implicitLittleEndian] },
];
const opening = associateRq({ contexts });

/** What lies at and around every limit of a field. */
const boundaryLengths = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 67, 68, 127, 128, 255, 256, 0x3fff, 0x4000, 0xffff, 0x1_0000, 0x2_0000,
];
const giantLengths = [0x2_0006, 0x2_0007, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

function command(fields: CommandSet, contextId: number): Buffer {
  return pdu(4, pdv(contextId, lastCommandFragment, encodeCommandSet(fields)));
}

/** A data set in Implicit VR Little Endian with a study level and a UID, as C-FIND and C-MOVE have it. */
function identifier(random: Random): Buffer {
  const text = (tag: readonly number[], value: string) => {
    const padded = value.length % 2 === 0 ? value : `${value} `;
    const header = Buffer.alloc(8);
    header.set(tag);
    header.writeUInt32LE(padded.length, 4);
    return Buffer.concat([header, Buffer.from(padded, 'latin1')]);
  };
  const level = random.pick(['STUDY', 'SERIES', 'IMAGE', 'PATIENT', '', 'study\\series']);
  const uid = random.pick(['1.2.3', '', '*', '1.2.3\\1.2.4', 'x'.repeat(200), '1'.repeat(65), "1' OR 1=1"]);
  return Buffer.concat([
    text([8, 0, 0x52, 0], level),
    text([0x10, 0, 0x10, 0], random.pick(['*', '', 'A^B', '%', '\\\\', '['.repeat(50), '?'.repeat(300)])),
    text([0x20, 0, 0x0d, 0], uid),
  ]);
}

function request(random: Random, operation: 'find' | 'move' | 'get', dataSet: Buffer): Buffer {
  const [contextId, commandField] = { find: [5, 0x20], move: [7, 0x21], get: [9, 0x10] }[operation] as [number, number];
  const fields = {
    affectedSopClassUid: query[operation],
    commandField,
    messageId: random.below(65_536),
    priority: random.pick([0, 1, 2, 99]),
    commandDataSetType: 0,
    ...(operation === 'move' ? { moveDestination: random.pick(['NOWHERE', '', 'X'.repeat(64)]) } : {}),
  };
  return Buffer.concat([command(fields, contextId), pdu(4, pdv(contextId, lastDataFragment, dataSet))]);
}

/** Damages bytes as a broken sender or line does. */
function damaged(random: Random, sound: Buffer): Buffer {
  let bytes = Buffer.from(sound);
  for (let times = 1 + random.below(4); times > 0; times -= 1) {
    const at = random.below(bytes.length + 1);
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at);
    const kind = random.below(5);
    if (kind === 0)
      bytes = Buffer.concat([
        before,
        Buffer.from([random.pick([0, 1, 2, 0x7f, 0x80, 0xff, random.below(256)])]),
        after.subarray(1),
      ]);
    else if (kind === 1) bytes = Buffer.concat([before, after.subarray(1 + random.below(50))]);
    else if (kind === 2) bytes = Buffer.concat([before, after.subarray(0, random.below(300)), after]);
    else if (kind === 3) bytes = Buffer.concat([before, random.bytes(1 + random.below(20)), after]);
    else bytes = before.length === 0 ? bytes : Buffer.from(before);
  }
  return bytes;
}

function inPieces(random: Random, bytes: Buffer, most = 6): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  const cuts = Array.from({ length: random.below(most) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
  for (const end of [...cuts, bytes.length]) {
    if (end > start) pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}

function withLength(bytes: Buffer, offset: number, length: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32BE(length, offset);
  return changed;
}

function shuffled<T>(random: Random, all: readonly T[]): T[] {
  const left = [...all];
  return Array.from(all, () => left.splice(random.below(left.length), 1)[0]!);
}

const instance = (random: Random) => `2.25.${random.below(2 ** 31)}`;

function aStore(random: Random, dataSet = random.bytes(random.below(3_000))): Buffer {
  return storeRq(dataSet, {
    messageId: random.below(65_536),
    sopInstanceUid: instance(random),
    fragmentBytes: random.pick([1, 2, 7, 100, 5_000]),
  });
}

function honest(random: Random): Buffer[] {
  return [
    opening,
    echoRq(random.below(65_536)),
    storeRq(random.bytes(300), { messageId: 2, sopInstanceUid: instance(random), fragmentBytes: 100 }),
    request(random, random.pick(['find', 'move', 'get']), identifier(random)),
    releaseRq,
  ];
}

const close = (...sends: Buffer[]): Attack => ({ sends, ending: 'close' });

/** Everything that is tried, by name. Each is made anew from random numbers, and the same from the same. */
export const attacks: Readonly<Record<string, (random: Random) => Attack>> = {
  'bytes changed, lost, repeated': (random) => ({
    sends: inPieces(random, damaged(random, Buffer.concat(honest(random)))),
    ending: random.pick(['close', 'close', 'reset']),
  }),
  'a PDU that lies about its length': (random) => {
    const lie = random.pick([...boundaryLengths, ...giantLengths]);
    const all = honest(random);
    const at = random.below(all.length);
    return close(...all.map((bytes, index) => (index === at ? withLength(bytes, 2, lie) : bytes)));
  },
  'a presentation data value that lies about its length': (random) => {
    const lie = random.pick([...boundaryLengths, ...giantLengths]);
    return close(opening, withLength(random.pick([echoRq(), aStore(random)]), 6, lie), releaseRq);
  },
  'PDUs out of order': (random) => {
    const acceptance = pdu(2, opening.subarray(6));
    const rejection = pdu(3, Buffer.from([0, 1, 1, 1]));
    const abort = pdu(7, Buffer.from([0, 0, random.below(4), random.below(8)]));
    const strange = random.pick([acceptance, rejection, abort, pdu(6, Buffer.alloc(4)), opening]);
    return close(...shuffled(random, [...honest(random), strange]));
  },
  'a PDU of a type that does not exist': (random) => {
    const type = random.pick([0, 8, 9, 0x16, 0x47, 0x50, 0x80, 0xff, 8 + random.below(248)]);
    const strange = pdu(type, random.bytes(random.below(100)));
    return close(...(random.below(2) === 0 ? [opening, strange] : [strange]));
  },
  'a data set in fragments of single bytes and of none': (random) => {
    const values = Array.from({ length: 1 + random.below(400) }, () => pdv(1, moreData, random.bytes(random.below(2))));
    const begin = pdu(4, pdv(1, lastCommandFragment, storeCommand({ sopInstanceUid: instance(random) })));
    return close(opening, begin, pdu(4, ...values), pdu(4, pdv(1, lastDataFragment, Buffer.alloc(0))), releaseRq);
  },
  'a command in fragments of single bytes': (random) => {
    const bytes = storeCommand({ sopInstanceUid: instance(random) });
    const control = (at: number) => (at === bytes.length - 1 ? lastCommandFragment : 1);
    return close(opening, ...Array.from(bytes, (_, at) => pdu(4, pdv(1, control(at), bytes.subarray(at, at + 1)))));
  },
  'many messages before any answer is read': (random) => ({
    sends: [
      opening,
      ...Array.from({ length: 1 + random.below(60) }, (_, at) => (at % 3 === 2 ? aStore(random) : echoRq(at))),
      releaseRq,
    ],
    ending: random.pick(['close', 'deaf', 'reset']),
  }),
  'a maximum length of nothing, next to nothing or everything': (random) => {
    const maxPduBytes = random.pick([0, 1, 5, 6, 7, 8, 12, 13, 0x7fff_ffff, 0xffff_ffff]);
    return close(
      associateRq({ contexts, maxPduBytes }),
      echoRq(),
      request(random, 'find', identifier(random)),
      releaseRq,
    );
  },
  'presentation contexts that were not accepted or cannot be': (random) => {
    const id = random.below(256);
    const proposed = random.pick([contexts, [{ ...contexts[0]!, id }], [...contexts, { ...contexts[0]!, id }]]);
    return close(associateRq({ contexts: proposed }), echoRq(1, random.below(256)), releaseRq);
  },
  'a command between the fragments of a data set': (random) => {
    const begin = pdu(4, pdv(1, lastCommandFragment, storeCommand({ sopInstanceUid: instance(random) })));
    const data = pdu(4, pdv(1, moreData, random.bytes(50)));
    return close(opening, begin, data, random.pick([echoRq(), pdu(4, pdv(1, 1, random.bytes(9))), releaseRq]), data);
  },
  'a data set that no command announced, or none where one was': (random) => {
    const data = pdu(4, pdv(random.pick([1, 3]), random.pick([moreData, lastDataFragment]), random.bytes(50)));
    const begin = pdu(4, pdv(1, lastCommandFragment, storeCommand()));
    return close(opening, ...random.pick([[data], [echoRq(), data], [begin, releaseRq], [begin, begin]]));
  },
  'commands that make no sense': (random) => {
    const fields = {
      commandField: random.pick([
        0,
        1,
        0x20,
        0x21,
        0x10,
        0x30,
        0x100,
        0x110,
        0x120,
        0x130,
        0x140,
        0x150,
        0xfff,
        0x8001,
        0x8030,
        random.below(65_536),
      ]),
      ...(random.below(3) > 0 ? { messageId: random.below(65_536) } : {}),
      ...(random.below(3) > 0 ? { messageIdBeingRespondedTo: random.below(65_536) } : {}),
      ...(random.below(3) > 0 ? { affectedSopClassUid: random.pick([uids.verification, '1.2', 'x'.repeat(70)]) } : {}),
      ...(random.below(3) > 0 ? { commandDataSetType: random.pick([0, 1, 0x0101, 0xffff]) } : {}),
    };
    return close(opening, command(fields, random.pick([1, 3, 5, 7, 9])), releaseRq);
  },
  'a command that is damaged or far too long': (random) => {
    const bytes = random.pick([damaged(random, storeCommand()), random.bytes(random.below(500)), Buffer.alloc(70_000)]);
    const pieces = [];
    for (let at = 0; at < bytes.length; at += 16_000) {
      pieces.push(
        pdu(4, pdv(1, at + 16_000 < bytes.length ? 1 : lastCommandFragment, bytes.subarray(at, at + 16_000))),
      );
    }
    return close(opening, ...pieces, releaseRq);
  },
  'AE titles and names that are none': (random) => {
    const odd = () =>
      random.pick([
        '',
        ' '.repeat(16),
        '\0'.repeat(16),
        '\\'.repeat(16),
        '\n\r\x1b[31m',
        '\xff'.repeat(16),
        random.bytes(16).toString('latin1'),
      ]);
    const applicationContextName = random.pick([
      '1.2.840.10008.3.1.1.1',
      '',
      'x'.repeat(60_000),
      '1.2.840.10008.3.1.1.1\0',
    ]);
    return close(
      associateRq({ contexts, callingAeTitle: odd(), calledAeTitle: odd(), applicationContextName }),
      echoRq(),
      releaseRq,
    );
  },
  'user information that is odd or huge': (random) => {
    const type = random.pick([0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0xff, random.below(256)]);
    const value = random.pick([
      random.bytes(random.below(200)),
      Buffer.alloc(random.pick([0, 1, 60_000]), 0x41),
      Buffer.from(counted('1.2.3')),
      Buffer.concat([Buffer.from([random.below(7), 1]), counted('user'), counted('x'.repeat(random.below(2_000)))]),
    ]);
    // An item holds 65,535 bytes.
    const times = value.length > 1_000 ? 1 : 1 + random.below(Math.min(100, Math.floor(65_000 / (value.length + 8))));
    return close(
      associateRq({ contexts, userItems: Array.from({ length: times }, () => item(type, value)) }),
      echoRq(),
      releaseRq,
    );
  },
  'too many presentation contexts and transfer syntaxes': (random) => {
    const count = random.pick([127, 128, 129, 200, 256]);
    const transferSyntaxUids = Array.from({ length: random.pick([0, 1, 40, 2_000]) }, () => uids.explicitLittleEndian);
    const many = Array.from({ length: transferSyntaxUids.length > 1_000 ? 2 : count }, (_, at) => ({
      id: (2 * at + 1) % 256,
      abstractSyntaxUid: random.pick([uids.verification, uids.ctImageStorage, '', '1.2.3']),
      transferSyntaxUids,
    }));
    return close(associateRq({ contexts: many }), echoRq(1, 1), releaseRq);
  },
  'an association request that lies within': (random) => {
    const lying = Buffer.from(opening);
    for (let times = 1 + random.below(3); times > 0; times -= 1) {
      lying.writeUInt16BE(random.pick([0, 1, 0xff, 0x7fff, 0xffff]), 74 + random.below(opening.length - 76));
    }
    return close(lying, echoRq(), releaseRq);
  },
  'a peer that is gone in the middle': (random) => {
    const all = Buffer.concat(honest(random));
    return { sends: inPieces(random, all.subarray(0, 1 + random.below(all.length))), ending: 'reset' };
  },
  'a peer that ends its side in the middle': (random) => {
    const all = Buffer.concat(honest(random));
    return close(...inPieces(random, all.subarray(0, 1 + random.below(all.length))));
  },
  'a peer that takes no answers': (random) => ({
    sends: [opening, ...Array.from({ length: 200 }, (_, at) => echoRq(at + 1))],
    ending: random.pick(['deaf', 'reset']),
  }),
  'a data set that is none': (random) => {
    const deep = Buffer.from('0800401153510000fffffffffeff00e0ffffffff'.repeat(400), 'hex');
    const dataSet = random.pick([
      random.bytes(2_000),
      deep,
      Buffer.alloc(20_000, 0xff),
      damaged(random, identifier(random)),
    ]);
    return close(opening, aStore(random, dataSet), aStore(random, dataSet), releaseRq);
  },
  'a query that is none': (random) => {
    const bytes = random.pick([identifier(random), damaged(random, identifier(random)), random.bytes(300)]);
    const cancel = command(
      { commandField: 0xfff, messageIdBeingRespondedTo: random.below(4), commandDataSetType: 0x0101 },
      5,
    );
    return close(opening, request(random, random.pick(['find', 'move', 'get']), bytes), cancel, releaseRq);
  },
};
