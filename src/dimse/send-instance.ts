import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import { commandField } from './command/command-field.ts';
import type { CommandSet } from './command/command-set.ts';
import type { Peer, PresentationContext } from './service.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/**
 * C-STORE of a stored instance to a peer: in the transfer syntax in which it is stored if the peer took that, else
 * converted to one that it did take.
 * @param command Priority, and who asked for it where it was asked for (C-MOVE)
 * @returns the peer's response
 * @throws CausewayError `sop-class-unsupported`, `transfer-syntax-unsupported` if the peer takes neither; what reading the
 * instance throws; `aborted` if the association ends
 */
export async function sendInstance(
  peer: Peer,
  retrieve: Pick<Retrieve, 'file' | 'producible' | 'converted'>,
  instance: IndexedInstance,
  command: Omit<CommandSet, 'commandField'>,
): Promise<CommandSet> {
  const context = contextFor(peer.contexts, instance, retrieve.producible(instance));
  const dataSet =
    context.transferSyntaxUid === instance.transferSyntaxUid
      ? withoutHead(retrieve.file(instance), instance.dataSetOffset)
      : withoutHead(await retrieve.converted(instance, context.transferSyntaxUid), undefined);
  return peer.invoke(
    context.id,
    {
      ...command,
      commandField: commandField.cStore,
      affectedSopClassUid: instance.sopClassUid,
      affectedSopInstanceUid: instance.sopInstanceUid,
    },
    await begun(dataSet),
  );
}

function contextFor(
  contexts: readonly PresentationContext[],
  { sopClassUid, transferSyntaxUid }: IndexedInstance,
  producible: readonly string[],
): PresentationContext {
  const fitting = contexts.filter(({ abstractSyntaxUid }) => abstractSyntaxUid === sopClassUid);
  if (fitting.length === 0) {
    throw new CausewayError('sop-class-unsupported', `The peer does not take SOP class ${sopClassUid}.`);
  }
  const found =
    fitting.find((context) => context.transferSyntaxUid === transferSyntaxUid) ??
    fitting.find((context) => producible.includes(context.transferSyntaxUid));
  if (found !== undefined) return found;
  const name = transferSyntax(transferSyntaxUid)?.name ?? transferSyntaxUid;
  const message = `The peer takes neither ${name} nor what Causeway could make of it.`;
  throw new CausewayError('transfer-syntax-unsupported', message);
}

const prefixBytes = 132;
/** Up to the value of (0002,0000), which tells how long the rest of the File Meta Information is. */
const groupLengthEnd = prefixBytes + 12;

/**
 * The data set of a Part 10 file.
 * @param dataSetOffset where it begins; undefined for a file that we wrote, which tells it itself
 */
async function* withoutHead(
  file: AsyncIterable<Uint8Array>,
  dataSetOffset: number | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of file) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (dataSetOffset === undefined && head.length < groupLengthEnd) continue;
    const start: number = dataSetOffset ?? groupLengthEnd + head.readUInt32LE(groupLengthEnd - 4);
    if (head.length < start) continue;
    yield head.subarray(start);
    head = undefined;
  }
}

/** Waits for the first bytes: a file that cannot be read is known before anything of it is sent. */
async function begun(dataSet: AsyncGenerator<Uint8Array, void, void>): Promise<AsyncIterable<Uint8Array>> {
  const first = await dataSet.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* dataSet;
  })();
}
