import { abortReason, protocolViolation } from '../association/pdu.ts';

interface ValueOf {
  readonly UI: string;
  readonly AE: string;
  readonly LO: string;
  readonly US: number;
  /** Tags as eight hexadecimal digits. */
  readonly AT: readonly string[];
}

/** Elements of group 0000 by their keyword, in ascending order. PS3.7 §E.1. */
const elements = {
  affectedSopClassUid: [0x0002, 'UI'],
  requestedSopClassUid: [0x0003, 'UI'],
  commandField: [0x0100, 'US'],
  messageId: [0x0110, 'US'],
  messageIdBeingRespondedTo: [0x0120, 'US'],
  moveDestination: [0x0600, 'AE'],
  priority: [0x0700, 'US'],
  commandDataSetType: [0x0800, 'US'],
  status: [0x0900, 'US'],
  offendingElement: [0x0901, 'AT'],
  errorComment: [0x0902, 'LO'],
  errorId: [0x0903, 'US'],
  affectedSopInstanceUid: [0x1000, 'UI'],
  requestedSopInstanceUid: [0x1001, 'UI'],
  eventTypeId: [0x1002, 'US'],
  attributeIdentifierList: [0x1005, 'AT'],
  actionTypeId: [0x1008, 'US'],
  numberOfRemainingSuboperations: [0x1020, 'US'],
  numberOfCompletedSuboperations: [0x1021, 'US'],
  numberOfFailedSuboperations: [0x1022, 'US'],
  numberOfWarningSuboperations: [0x1023, 'US'],
  moveOriginatorAeTitle: [0x1030, 'AE'],
  moveOriginatorMessageId: [0x1031, 'US'],
} as const satisfies Record<string, readonly [number, keyof ValueOf]>;

type Elements = typeof elements;
type Keyword = keyof Elements;

/** A DIMSE command: group 0000 of a message, keywords in camelCase. PS3.7 §6.3. */
export type CommandSet = { readonly [K in Keyword]?: ValueOf[Elements[K][1]] } & { readonly commandField: number };

/** Command Data Set Type (0000,0800) of a message without a data set; anything else says that there is one. */
export const noDataSet = 0x0101;

/** What we write where there is a data set. */
export const withDataSet = 0x0000;

const elementHeaderBytes = 8;
const entries = Object.entries(elements) as readonly (readonly [Keyword, readonly [number, keyof ValueOf]])[];
const byElement: ReadonlyMap<number, readonly [Keyword, keyof ValueOf]> = new Map(
  entries.map(([keyword, [element, vr]]) => [element, [keyword, vr]]),
);

/** Encodes in Implicit VR Little Endian with its group length, as PS3.7 §6.3.1 demands. */
export function encodeCommandSet(command: CommandSet): Buffer {
  const parts: Buffer[] = [Buffer.alloc(elementHeaderBytes + 4)];
  for (const [keyword, [element, vr]] of entries) {
    const value = command[keyword];
    if (value !== undefined) parts.push(encodeElement(element, encodeValue(vr, value)));
  }
  const encoded = Buffer.concat(parts);
  encoded.writeUInt32LE(4, 4);
  encoded.writeUInt32LE(encoded.length - elementHeaderBytes - 4, elementHeaderBytes);
  return encoded;
}

function encodeElement(element: number, value: Buffer): Buffer {
  const encoded = Buffer.alloc(elementHeaderBytes + value.length);
  encoded.writeUInt16LE(element, 2);
  encoded.writeUInt32LE(value.length, 4);
  value.copy(encoded, elementHeaderBytes);
  return encoded;
}

function encodeValue(vr: keyof ValueOf, value: string | number | readonly string[]): Buffer {
  if (typeof value === 'number') {
    const encoded = Buffer.alloc(2);
    encoded.writeUInt16LE(value);
    return encoded;
  }
  if (typeof value === 'string') {
    const padding = value.length % 2 === 0 ? '' : vr === 'UI' ? '\0' : ' ';
    return Buffer.from(value + padding, 'latin1');
  }
  const encoded = Buffer.alloc(value.length * 4);
  value.forEach((tag, index) => {
    encoded.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), index * 4);
    encoded.writeUInt16LE(Number.parseInt(tag.slice(4), 16), index * 4 + 2);
  });
  return encoded;
}

/**
 * Reads a command. Elements that we do not know, empty ones and a wrong group length are passed over.
 * @throws CausewayError `malformed`, which aborts the association: after it nothing that follows can be trusted
 */
export function decodeCommandSet(bytes: Buffer): CommandSet {
  const values: { [keyword in Keyword]?: string | number | readonly string[] } = {};
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < elementHeaderBytes) throw malformed(offset, 'ends within an element');
    const group = bytes.readUInt16LE(offset);
    const element = bytes.readUInt16LE(offset + 2);
    const start = offset + elementHeaderBytes;
    const end = start + bytes.readUInt32LE(offset + 4);
    if (group !== 0) throw malformed(offset, 'holds an element that is not of group 0000');
    if (end > bytes.length) throw malformed(offset, 'holds an element that is longer than the command');
    const known = byElement.get(element);
    if (known !== undefined && end > start) {
      const [keyword, vr] = known;
      values[keyword] = decodeValue(vr, bytes.subarray(start, end), offset);
    }
    offset = end;
  }
  // Each value was read by the VR that the table gives its keyword.
  const command = values as Partial<CommandSet>;
  const { commandField } = command;
  if (commandField === undefined) throw malformed(0, 'has no Command Field (0000,0100)');
  return { ...command, commandField };
}

function decodeValue(vr: keyof ValueOf, value: Buffer, offset: number): string | number | readonly string[] {
  switch (vr) {
    case 'US':
      if (value.length !== 2) throw malformed(offset, 'holds a number that is not two bytes long');
      return value.readUInt16LE();
    case 'AT': {
      if (value.length % 4 !== 0) throw malformed(offset, 'holds a tag that is not four bytes long');
      const tags: string[] = [];
      for (let at = 0; at < value.length; at += 4)
        tags.push(hex(value.readUInt16LE(at)) + hex(value.readUInt16LE(at + 2)));
      return tags;
    }
    case 'UI':
    case 'AE':
    case 'LO':
      return value
        .toString('latin1')
        .replace(/[\0 ]+$/, '')
        .replace(/^ +/, '');
  }
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(4, '0');
}

function malformed(offset: number, what: string) {
  return protocolViolation(abortReason.invalidParameterValue, `The command ${what}, at byte ${offset}.`);
}
