import type { Ingest, InstanceOutcome, InstanceReceiver, InstanceSource, StoreWarning } from '../../ingest/ingest.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { parseMediaTypes } from '../../kernel/media-type.ts';
import { type MultipartLimits, readMultipart } from '../../kernel/multipart-reader.ts';

/** The instances of one STOW-RS body, one after the other. */
export interface SentInstance {
  /** Of the part, where it is a part and says so. */
  readonly contentType: string | undefined;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Of the file in an archive: what is wrong with it is its own, and the next one can be read all the same. */
  readonly file?: string;
  /** What was changed of it on the way; told where it is stored. */
  readonly warnings?: readonly StoreWarning[];
}

/** What fails before the house sees it: it has its place in the answer all the same. */
export interface RefusedInstance {
  readonly refused: Extract<InstanceOutcome, { status: 'refused' }>;
}

/** @throws as `readMultipart` does */
export async function* instancesOfMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<SentInstance, void, void> {
  for await (const part of readMultipart(body, boundary, limits)) {
    yield { contentType: part.headers.get('content-type'), content: part.content };
  }
}

/** @throws CausewayError `limit-exceeded` */
export async function* onlyInstance(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<SentInstance, void, void> {
  yield { contentType: undefined, content: limited(body, maxBytes) };
}

async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new CausewayError('limit-exceeded', `The body is larger than the allowed ${maxBytes} bytes.`, {
        details: { limit: 'maxUploadBytes' },
      });
    }
    yield chunk;
  }
}

export interface ReceivedInstances {
  /** In the order sent: one for each instance, also for the one in which the body broke off. */
  readonly outcomes: readonly InstanceOutcome[];
  /** Why the body could not be read to its end, where that is so. What came before it counts all the same. */
  readonly brokenBy: CausewayError | undefined;
}

/**
 * Streams instances into the house. While one arrives, those before it may still be on their way to the disk: they
 * share transactions, and a client with many small instances need not wait for each.
 * @param maxFinishing instances whose outcome may be outstanding while the next one arrives
 */
export async function receiveInstances(
  ingest: Ingest,
  source: InstanceSource,
  instances: AsyncIterable<SentInstance | RefusedInstance>,
  maxFinishing: number,
): Promise<ReceivedInstances> {
  const outcomes: Promise<InstanceOutcome>[] = [];
  const finishing = new Set<Promise<InstanceOutcome>>();
  let receiver: InstanceReceiver | undefined;
  let brokenBy: CausewayError | undefined;
  try {
    for await (const instance of instances) {
      if ('refused' in instance) {
        outcomes.push(Promise.resolve(instance.refused));
        continue;
      }
      const foreign = foreignPart(instance.contentType, outcomes.length + 1);
      if (foreign !== undefined) {
        outcomes.push(Promise.resolve(foreign));
        continue;
      }
      receiver = ingest.receive(source);
      const broken = await sendContent(instance, receiver);
      if (broken !== undefined) {
        await receiver.abort();
        receiver = undefined;
        outcomes.push(Promise.resolve(named(broken, instance.file)));
        continue;
      }
      const outcome = ofInstance(receiver.finish(), instance);
      receiver = undefined;
      outcomes.push(outcome);
      finishing.add(outcome);
      void outcome.then(() => finishing.delete(outcome));
      if (finishing.size >= maxFinishing) await Promise.race(finishing);
    }
  } catch (thrown) {
    brokenBy = asCausewayError(thrown);
    if (receiver !== undefined) {
      await receiver.abort();
      const { code, message, details } = brokenBy;
      outcomes.push(Promise.resolve({ status: 'refused', code, message, details }));
    }
  }
  return { outcomes: await Promise.all(outcomes), brokenBy };
}

/**
 * @returns why a file in an archive is not whole
 * @throws what breaks any other content, and with it the body
 */
async function sendContent(
  { content, file }: SentInstance,
  receiver: InstanceReceiver,
): Promise<RefusedInstance['refused'] | undefined> {
  try {
    for await (const chunk of content) {
      const wait = receiver.write(chunk);
      if (wait !== undefined) await wait;
    }
    return undefined;
  } catch (thrown) {
    if (file === undefined) throw thrown;
    const { code, message, details } = asCausewayError(thrown);
    return { status: 'refused', code, message, details };
  }
}

async function ofInstance(
  finishing: Promise<InstanceOutcome>,
  { warnings = [], file }: SentInstance,
): Promise<InstanceOutcome> {
  const outcome = await finishing;
  if (outcome.status === 'refused') return named(outcome, file);
  return { ...outcome, warnings: [...warnings, ...outcome.warnings] };
}

function named(refused: RefusedInstance['refused'], file: string | undefined): RefusedInstance['refused'] {
  return file === undefined ? refused : { ...refused, message: `${file}: ${refused.message}` };
}

/** A part that says that it is something else than DICOM fails by itself; the others do not suffer for it. */
function foreignPart(contentType: string | undefined, number: number): InstanceOutcome | undefined {
  if (contentType === undefined) return undefined;
  const type = parseMediaTypes(contentType)[0]?.type;
  if (type === 'application/dicom' || type === 'application/octet-stream') return undefined;
  return {
    status: 'refused',
    code: 'unsupported-media-type',
    message: `Part ${number} has another Content-Type than application/dicom.`,
    details: { acceptable: ['application/dicom'] },
  };
}
