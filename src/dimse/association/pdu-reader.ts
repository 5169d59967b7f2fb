import { abortReason, pduHeaderBytes, pduType, pdvHeaderBytes, protocolViolation } from './pdu.ts';

/** What the reader found next. */
export type PduPart =
  | {
      /** A whole PDU of any type but P-DATA-TF. */
      readonly kind: 'pdu';
      readonly type: number;
      /** The variable field. */
      readonly body: Buffer;
    }
  | {
      /** Bytes of one presentation data value, not necessarily all of it. */
      readonly kind: 'fragment';
      readonly contextId: number;
      readonly isCommand: boolean;
      /** True if the command or data set ends with these bytes. */
      readonly ends: boolean;
      /** A view of the chunk that was pushed, good as long as that is; it may be empty. */
      readonly bytes: Buffer;
    };

export interface PduReaderLimits {
  /** Longest variable field of a P-DATA-TF that is taken, in bytes: what we announced. */
  readonly maxPduBytes: number;
  /** Longest variable field of an A-ASSOCIATE PDU that is taken, in bytes. */
  readonly maxAssociatePduBytes: number;
}

/** Cuts what arrives on a connection into PDUs and fragments; holds no more than one control PDU. */
export interface PduReader {
  /** Only to be called after `next` returned undefined. The chunk must stay as it is until then, or until `keep`. */
  push(chunk: Buffer): void;
  /** Copies what is not read yet: the memory of the chunk is about to be used again. */
  keep(): void;
  /**
   * @returns the next part, or undefined if more bytes are needed
   * @throws CausewayError by `protocolViolation`; the reader is of no use after that
   */
  next(): PduPart | undefined;
  /** True if a PDU has begun and not ended. */
  readonly midPdu: boolean;
}

const nothing: Buffer = Buffer.alloc(0);

// Some senders count the PDU header as part of the maximum length.
const lengthTolerance = pduHeaderBytes;

export function createPduReader(limits: PduReaderLimits): PduReader {
  let chunk: Buffer = nothing;
  let position = 0;
  let state: 'pdu-header' | 'body' | 'pdv-header' | 'pdv' = 'pdu-header';

  // A header that is split between chunks is put together here.
  const splitHeader = Buffer.alloc(Math.max(pduHeaderBytes, pdvHeaderBytes));
  let splitHeaderBytes = 0;

  let type = 0;
  let bodyParts: Buffer[] = [];
  /** Bytes of the PDU not yet read. */
  let pduRemaining = 0;
  /** Bytes of the fragment not yet read. */
  let pdvRemaining = 0;
  let contextId = 0;
  let control = 0;

  /** Reads a fixed number of bytes; undefined until all of them are there. */
  function header(length: number): Buffer | undefined {
    const available = chunk.length - position;
    if (splitHeaderBytes === 0 && available >= length) {
      const view = chunk.subarray(position, position + length);
      position += length;
      return view;
    }
    const taken = Math.min(length - splitHeaderBytes, available);
    chunk.copy(splitHeader, splitHeaderBytes, position, position + taken);
    position += taken;
    splitHeaderBytes += taken;
    if (splitHeaderBytes < length) return undefined;
    splitHeaderBytes = 0;
    return splitHeader.subarray(0, length);
  }

  function take(wanted: number): Buffer {
    const end = Math.min(position + wanted, chunk.length);
    const view = chunk.subarray(position, end);
    position = end;
    return view;
  }

  function beginPdu(bytes: Buffer): void {
    type = bytes.readUInt8(0);
    pduRemaining = bytes.readUInt32BE(2);
    checkLength(type, pduRemaining, limits);
    state = type === pduType.pData ? 'pdv-header' : 'body';
  }

  function beginPdv(bytes: Buffer): void {
    const length = bytes.readUInt32BE(0);
    contextId = bytes.readUInt8(4);
    control = bytes.readUInt8(5);
    if (length < 2 || length + 4 > pduRemaining) {
      throw protocolViolation(
        abortReason.invalidParameterValue,
        `A presentation data value claims ${length} bytes where its PDU has ${pduRemaining - 4} left.`,
      );
    }
    pduRemaining -= pdvHeaderBytes;
    pdvRemaining = length - 2;
    state = 'pdv';
  }

  function readBody(): PduPart | undefined {
    const bytes = take(pduRemaining);
    pduRemaining -= bytes.length;
    bodyParts.push(Buffer.from(bytes));
    if (pduRemaining > 0) return undefined;
    const body = Buffer.concat(bodyParts);
    bodyParts = [];
    state = 'pdu-header';
    return { kind: 'pdu', type, body };
  }

  function readFragment(): PduPart {
    const bytes = take(pdvRemaining);
    pdvRemaining -= bytes.length;
    pduRemaining -= bytes.length;
    if (pdvRemaining === 0) state = pduRemaining === 0 ? 'pdu-header' : 'pdv-header';
    return {
      kind: 'fragment',
      contextId,
      isCommand: (control & 1) !== 0,
      ends: pdvRemaining === 0 && (control & 2) !== 0,
      bytes,
    };
  }

  return {
    push(next) {
      chunk = next;
      position = 0;
    },

    keep() {
      chunk = Buffer.from(chunk.subarray(position));
      position = 0;
    },

    next() {
      while (true) {
        switch (state) {
          case 'pdu-header': {
            const bytes = header(pduHeaderBytes);
            if (bytes === undefined) return undefined;
            beginPdu(bytes);
            break;
          }
          case 'body': {
            if (position === chunk.length) return undefined;
            const pdu = readBody();
            if (pdu !== undefined) return pdu;
            break;
          }
          case 'pdv-header': {
            if (pduRemaining < pdvHeaderBytes) {
              throw protocolViolation(
                abortReason.invalidParameterValue,
                `A P-DATA-TF PDU has ${pduRemaining} bytes where a presentation data value must begin.`,
              );
            }
            const bytes = header(pdvHeaderBytes);
            if (bytes === undefined) return undefined;
            beginPdv(bytes);
            break;
          }
          case 'pdv': {
            if (position === chunk.length && pdvRemaining > 0) return undefined;
            return readFragment();
          }
        }
      }
    },

    get midPdu() {
      return state !== 'pdu-header' || splitHeaderBytes > 0;
    },
  };
}

/** Refuses a length by what its PDU may hold, before anything is allocated for it. */
function checkLength(type: number, length: number, limits: PduReaderLimits): void {
  switch (type) {
    case pduType.pData:
      if (length <= limits.maxPduBytes + lengthTolerance) return;
      throw tooLong('P-DATA-TF', length, limits.maxPduBytes, 'maxPduBytes');
    case pduType.associateRq:
    case pduType.associateAc:
      if (length === 0) break;
      if (length <= limits.maxAssociatePduBytes) return;
      throw tooLong('A-ASSOCIATE', length, limits.maxAssociatePduBytes, 'maxAssociatePduBytes');
    case pduType.associateRj:
    case pduType.releaseRq:
    case pduType.releaseRp:
    case pduType.abort:
      if (length === 4) return;
      break;
    default:
      throw protocolViolation(abortReason.unrecognizedPdu, unrecognized(type));
  }
  throw protocolViolation(
    abortReason.invalidParameterValue,
    `A PDU of type ${hex(type)} claims ${length} bytes, which PS3.8 does not allow.`,
  );
}

function tooLong(name: string, length: number, limit: number, limitName: string) {
  return protocolViolation(
    abortReason.invalidParameterValue,
    `The ${name} PDU claims ${length} bytes; the limit ${limitName} is ${limit}.`,
  );
}

function unrecognized(type: number): string {
  if (type === 0x16) return 'The peer speaks TLS; this port expects DICOM without TLS.';
  if (type >= 0x41 && type <= 0x5a) return 'The peer sends text, such as HTTP; this port expects DICOM.';
  return `A PDU of type ${hex(type)} is unknown to PS3.8.`;
}

function hex(type: number): string {
  return `${type.toString(16).padStart(2, '0')}H`;
}
