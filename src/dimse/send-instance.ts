import { buffer } from 'node:stream/consumers';
import { createFileHeadReader, type DataSetStart, type FileHeadReader } from '../dicom/file-head.ts';
import { mayHavePixels } from '../dicom/storage-sop-classes.ts';
import { transferSyntax, transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';
import { CausewayError, type ErrorCode } from '../kernel/errors.ts';
import { peek } from '../kernel/peek.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import { type OutgoingDataSet, oddDataSet } from './association/message-writer.ts';
import { commandField } from './command/command-field.ts';
import type { CommandSet } from './command/command-set.ts';
import { readAhead } from './read-ahead.ts';
import type { Peer, PresentationContext } from './service.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/** What has to be known of an instance to send it: one that is stored, or a file that was made of one. */
export interface SendableInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** Of the Part 10 file, bytes; Infinity of a stream, whose end tells. */
  readonly size: number;
  /** Where in the file its data set begins; undefined if only the file can tell. */
  readonly dataSetOffset?: number;
}

/** What sending instances takes; see `Retrieve`. */
export interface SendingParts<I extends SendableInstance = IndexedInstance> {
  file(instance: I): AsyncIterable<Uint8Array>;
  /** Without it, small instances are taken from `file` as well. */
  dataSet?(instance: I): Promise<Buffer>;
  producible(instance: I): readonly string[];
  converted(instance: I, transferSyntaxUid: string): Promise<AsyncIterable<Uint8Array>>;
}

/** An instance on its way to a peer: it sends itself when its turn comes. */
export interface PreparedInstance {
  /**
   * C-STORE. @param command Priority, and who asked for it where it was asked for (C-MOVE)
   * @returns the peer's response
   * @throws CausewayError what reading the instance throws; `aborted` if the association ends
   */
  send(command: Omit<CommandSet, 'commandField'>): Promise<CommandSet>;
}

/** Up to here an instance is read before its turn comes, or converted before anything of it is sent. */
const readAheadBytes = 4_194_304;
/** A conversion that takes longer is sent as it is made. */
const readAheadMs = 1_000;

/** What may turn out only when a conversion is tried. */
const notMade: ReadonlySet<ErrorCode> = new Set([
  'transfer-syntax-unsupported',
  'decode-failed',
  'frame-boundary-unknown',
  'timed-out',
]);

/**
 * Chooses how a stored instance goes to a peer: in the transfer syntax in which it is stored if the peer took that, else
 * converted to one that it did take. A small one is read at once.
 * @param preferred transfer syntaxes that the peer would rather have, the best first: those that can be had without loss
 * are tried in this order before any other
 * @throws CausewayError `sop-class-unsupported`, `transfer-syntax-unsupported` if the peer takes neither; `malformed` if it
 * has an odd number of bytes, which of a long one that is converted is found out on its way; `stored-file-damaged` if it has another size than it is to have; what reading it throws
 */
export async function prepareInstance<I extends SendableInstance>(
  peer: Peer,
  retrieve: SendingParts<I>,
  instance: I,
  preferred: readonly string[] = [],
): Promise<PreparedInstance> {
  const contexts = contextsFor(peer.contexts, instance, { producible: retrieve.producible(instance), preferred });
  const isAsStored = ({ transferSyntaxUid }: PresentationContext) => transferSyntaxUid === instance.transferSyntaxUid;
  const isSmall = instance.size <= readAheadBytes;
  const small = isAsStored(contexts[0]) && isSmall ? await wholeDataSet(retrieve, instance) : undefined;

  async function dataSetIn(context: PresentationContext): Promise<OutgoingDataSet> {
    // A file that cannot be read is known before anything of it is sent.
    if (isAsStored(context)) return small === undefined ? (await peek(stored(retrieve, instance))).all : [small];
    const file = await retrieve.converted(instance, context.transferSyntaxUid);
    return readAhead(even(withoutHead(file, undefined), context), { bytes: readAheadBytes, ms: readAheadMs });
  }

  async function outgoing(): Promise<{ readonly context: PresentationContext; readonly dataSet: OutgoingDataSet }> {
    const [first, ...others] = contexts;
    try {
      return { context: first, dataSet: await dataSetIn(first) };
    } catch (thrown) {
      if (!(thrown instanceof CausewayError) || !notMade.has(thrown.code)) throw thrown;
      for (const context of others) {
        const dataSet = await dataSetIn(context).catch(() => undefined);
        if (dataSet !== undefined) return { context, dataSet };
      }
      throw thrown;
    }
  }

  return {
    async send(command) {
      const request = {
        ...command,
        commandField: commandField.cStore,
        affectedSopClassUid: instance.sopClassUid,
        affectedSopInstanceUid: instance.sopInstanceUid,
      };
      const { context, dataSet } = await outgoing();
      return peer.invoke(context.id, request, dataSet);
    },
  };
}

async function wholeDataSet<I extends SendableInstance>(retrieve: SendingParts<I>, instance: I): Promise<Buffer> {
  if (retrieve.dataSet === undefined) return buffer(stored(retrieve, instance));
  const dataSet = await retrieve.dataSet(instance);
  const { size, dataSetOffset = size - dataSet.length } = instance;
  if (dataSet.length !== size - dataSetOffset) throw otherSize(instance);
  return dataSet.length % 2 === 0 ? dataSet : Buffer.concat([dataSet, padding(instance)]);
}

/**
 * The data set of a file, as long as it is known to be: one that has become shorter or longer must not arrive as a whole.
 * That it has an odd number of bytes is known before the first of them is given.
 */
async function* stored<I extends SendableInstance>(
  retrieve: SendingParts<I>,
  instance: I,
): AsyncGenerator<Uint8Array, void, void> {
  const { size } = instance;
  if (size === Number.POSITIVE_INFINITY) {
    yield* even(withoutHead(retrieve.file(instance), instance), instance);
    return;
  }
  let left = size;
  let isOdd = false;
  const dataSet = withoutHead(retrieve.file(instance), instance, (start) => {
    left = size - start;
    isOdd = left % 2 !== 0;
    if (isOdd) padding(instance);
  });
  for await (const chunk of dataSet) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) throw otherSize(instance);
  if (isOdd) yield padding(instance);
}

/** A data set of a length that only its end tells. @throws CausewayError `malformed` at its end if it is odd */
async function* even(
  dataSet: AsyncIterable<Uint8Array>,
  transferSyntax: Pick<SendableInstance, 'transferSyntaxUid'>,
): AsyncGenerator<Uint8Array, void, void> {
  let isOdd = false;
  for await (const chunk of dataSet) {
    isOdd = isOdd !== (chunk.length % 2 !== 0);
    yield chunk;
  }
  if (isOdd) yield padding(transferSyntax);
}

function otherSize({ size }: Pick<SendableInstance, 'size'>): CausewayError {
  return new CausewayError('stored-file-damaged', `The file has no longer the ${size} bytes that it had.`);
}

/**
 * What an instance with an odd number of bytes lacks to be sent. Behind deflated bytes it is known to be a NULL
 * (PS3.5 §A.5); anywhere else it would be a change of what is stored.
 * @throws CausewayError `malformed`
 */
function padding({ transferSyntaxUid }: Pick<SendableInstance, 'transferSyntaxUid'>): Buffer {
  if (transferSyntax(transferSyntaxUid)?.deflated) return Buffer.alloc(1);
  throw oddDataSet();
}

interface Possible {
  readonly producible: readonly string[];
  readonly preferred: readonly string[];
}

/** @returns in which contexts an instance can be sent, the best first: more than one only by preference of the peer */
function contextsFor(
  contexts: readonly PresentationContext[],
  instance: SendableInstance,
  { producible, preferred }: Possible,
): [PresentationContext, ...PresentationContext[]] {
  const { sopClassUid, transferSyntaxUid } = instance;
  const fitting = contexts.filter(({ abstractSyntaxUid }) => abstractSyntaxUid === sopClassUid);
  if (fitting.length === 0) {
    throw new CausewayError('sop-class-unsupported', `The peer does not take SOP class ${sopClassUid}.`);
  }
  const ofOurs = [transferSyntaxUid, ...ourOrder(producible)];
  const uids = preferred.length === 0 ? ofOurs : peersOrder(instance, ofOurs, preferred);
  const [found, ...others] = uids.flatMap((uid) => fitting.filter((context) => context.transferSyntaxUid === uid));
  if (found !== undefined) return preferred.length === 0 ? [found] : [found, ...others];
  const name = transferSyntax(transferSyntaxUid)?.name ?? transferSyntaxUid;
  const message =
    producible.length === 0
      ? `The peer does not take ${name}, and it is not converted.`
      : `The peer takes neither ${name} nor what Causeway could make of it.`;
  throw new CausewayError('transfer-syntax-unsupported', message);
}

/**
 * In the order in which Causeway prefers them: native before compressed, and implicit VR, which loses the VR of private
 * attributes, behind explicit. A receiver that lists a lossy one first does not ask for loss.
 */
function ourOrder(producible: readonly string[]): string[] {
  if (producible.length === 0) return [];
  const { explicitVrLittleEndian, implicitVrLittleEndian } = transferSyntaxUids;
  const lossless = producible.filter((uid) => uid !== explicitVrLittleEndian && !transferSyntax(uid)?.lossy);
  return [explicitVrLittleEndian, implicitVrLittleEndian, ...lossless];
}

/**
 * In the order of the peer, the others behind. What is stored with loss goes as it is stored: nothing is gained by
 * compressing it anew. What has no pixels is not compressed.
 */
function peersOrder(
  { sopClassUid, transferSyntaxUid }: SendableInstance,
  possible: readonly string[],
  preferred: readonly string[],
): string[] {
  const hasPixels = mayHavePixels(sopClassUid);
  const fits = (uid: string) => hasPixels || uid === transferSyntaxUid || !transferSyntax(uid)?.encapsulated;
  const first = transferSyntax(transferSyntaxUid)?.lossy ? [transferSyntaxUid] : [];
  const ordered = [...first, ...preferred.filter((uid) => possible.includes(uid)), ...possible];
  return [...new Set(ordered)].filter(fits);
}

/**
 * The data set of a Part 10 file.
 * @param known where it begins; undefined if only the file can tell
 * @param begins told where it begins, before any of it is given
 * @throws CausewayError `truncated` if nothing of it comes, for no instance is without attributes, or `stored-file-damaged` if
 * that was known to be otherwise; what reading the file throws
 */
async function* withoutHead(
  file: AsyncIterable<Uint8Array>,
  known: Pick<SendableInstance, 'size' | 'dataSetOffset'> | undefined,
  begins: (start: number) => void = () => {},
): AsyncGenerator<Uint8Array, void, void> {
  const dataSetOffset = known?.dataSetOffset;
  const head = dataSetOffset === undefined ? createFileHeadReader() : passHead(dataSetOffset);
  let hasBegun = false;
  let isEmpty = true;
  const begin = (started: DataSetStart | undefined): Uint8Array => {
    if (started === undefined) return nothing;
    hasBegun = true;
    begins(started.dataSetOffset);
    return started.bytes;
  };
  for await (const chunk of file) {
    const bytes = hasBegun ? chunk : begin(head.push(chunk));
    if (bytes.length === 0) continue;
    isEmpty = false;
    yield bytes;
  }
  if (!hasBegun) {
    const bytes = begin(head.end?.());
    isEmpty = bytes.length === 0;
    if (!isEmpty) yield bytes;
  }
  if (!isEmpty) return;
  if (known?.dataSetOffset !== undefined) throw otherSize(known);
  throw new CausewayError('truncated', 'The file ends where its data set was to begin.');
}

const nothing = new Uint8Array(0);

/** A head that is as long as it is known to be. */
function passHead(dataSetOffset: number): Pick<FileHeadReader, 'push'> & Partial<FileHeadReader> {
  let left = dataSetOffset;
  return {
    push(chunk) {
      const passed = Math.min(left, chunk.length);
      left -= passed;
      if (left > 0) return undefined;
      return { dataSetOffset, bytes: Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).subarray(passed) };
    },
  };
}
