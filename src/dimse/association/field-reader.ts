import { abortReason, protocolViolation } from './pdu.ts';

/** An item or sub-item of an A-ASSOCIATE PDU. PS3.8 §9.3.2. */
export interface Item {
  readonly type: number;
  readonly value: Buffer;
}

/** Items and sub-items all begin with type, a reserved byte and a length of two bytes. */
export function* readItems(fields: FieldReader): Generator<Item> {
  while (fields.remaining > 0) {
    const type = fields.uint8();
    fields.bytes(1);
    yield { type, value: fields.counted() };
  }
}

/** Reads big-endian fields and never past the end. All throw CausewayError by `protocolViolation`. */
export interface FieldReader {
  readonly remaining: number;
  uint8(): number;
  uint16(): number;
  uint32(): number;
  bytes(length: number): Buffer;
  /** A field after its length of two bytes. */
  counted(): Buffer;
  rest(): Buffer;
}

/** @param name of what is read, for the message */
export function createFieldReader(buffer: Buffer, name: string): FieldReader {
  let offset = 0;
  const bytes = (length: number): Buffer => {
    if (length > buffer.length - offset) {
      throw invalid(`The ${name} ends at byte ${buffer.length} where a field of ${length} bytes begins at ${offset}`);
    }
    offset += length;
    return buffer.subarray(offset - length, offset);
  };
  const uint16 = (): number => bytes(2).readUInt16BE();
  return {
    get remaining() {
      return buffer.length - offset;
    },
    uint8: () => bytes(1).readUInt8(),
    uint16,
    uint32: () => bytes(4).readUInt32BE(),
    bytes,
    counted: () => bytes(uint16()),
    rest: () => bytes(buffer.length - offset),
  };
}

/** UIDs are sent without padding, yet some senders pad them with NUL or space. */
export function uid(value: Buffer): string {
  return value.toString('latin1').replace(/[\0 ]+$/, '');
}

/** An AE title or a version name, without padding. */
export function text(value: Buffer): string {
  return value.toString('latin1').replace(/\0/g, ' ').trim();
}

function invalid(message: string) {
  return protocolViolation(abortReason.invalidParameterValue, `${message}.`);
}
