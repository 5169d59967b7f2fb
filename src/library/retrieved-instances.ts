import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DicomJson } from '../dicom/json-model.ts';
import type { Attributes } from '../dicom/keyword-attributes.ts';
import { fileInstance, readFileInstance } from '../dimse/file-instances.ts';
import type { FoundInstances, RetrievalSource } from '../dimse/scp/retrieval.ts';
import type { SendableInstance } from '../dimse/send-instance.ts';
import { asCausewayError, CausewayError, errnoOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { openSpool } from '../kernel/spool-file.ts';
import { asQuery, levelTerm, type QueryLevel } from './answer-queries.ts';
import { contentOf, type FileContent } from './file-content.ts';
import type { FileConverter } from './file-converter.ts';
import { type Caller, callerOf } from './incoming-instance.ts';
import type { DicomFile } from './read-attributes.ts';
import { scanContent } from './scan-content.ts';
import { sendingParts } from './sending-parts.ts';
import { takenUntil } from './taken-until.ts';

/** A C-GET or C-MOVE of a peer. */
export interface IncomingRetrieval extends Caller {
  readonly level: QueryLevel;
  /** The unique keys that say what is wanted: `StudyInstanceUID` and its like, several UIDs as an array. */
  readonly keys: Attributes;
  /** The same with value representations, in the DICOM JSON Model. */
  readonly dataSet: DicomJson;
  /** Whether the unique keys of an instance are among those. */
  matches(instance: Attributes): boolean;
  /** Aborts at C-CANCEL, and if the peer goes away. */
  readonly signal: AbortSignal;
}

/** An instance that is wanted: a Part 10 file. One that says its names is not opened before its turn comes. */
export type RetrievedInstance =
  | DicomFile
  | {
      readonly sopClassUid: string;
      readonly sopInstanceUid: string;
      readonly transferSyntaxUid: string;
      /** The file; or what opens a stream of it, when its turn has come, and throws where it is not whole. */
      readonly file: DicomFile | (() => AsyncIterable<Uint8Array>);
    };

/**
 * Finds what a peer wants, all of it before the first is sent: the peer is told how much remains. One that cannot be read, or
 * sent, is a failed sub-operation. Throws as `AnswerQuery`.
 */
export type RetrieveInstances = (
  retrieval: IncomingRetrieval,
) => AsyncIterable<RetrievedInstance> | Iterable<RetrievedInstance>;

/** As many as may be found for one request: they are listed in memory. */
const maxInstances = 100_000;

interface Listed extends SendableInstance {
  readonly content: FileContent;
}

/** @param converter undefined where nothing is to be converted */
export function retrievalsFrom(
  retrieve: RetrieveInstances,
  { converter, log }: { readonly converter: FileConverter | undefined; readonly log: Log },
): RetrievalSource<Listed> {
  async function listed(given: RetrievedInstance): Promise<Listed> {
    try {
      return await listedOf(given);
    } catch (thrown) {
      // The path of a file may be the name of a patient.
      const reason = errnoOf(thrown) ?? asCausewayError(thrown).message;
      log.error('A file that was to be sent cannot be read.', { reason });
      return unreadable(thrown);
    }
  }

  return {
    parts: sendingParts<Listed>({ contentOf: ({ content }) => content, converter }),
    async found({ query, identifier, association, stop }): Promise<FoundInstances<Listed>> {
      const asked = asQuery(identifier, query.conditions, stop);
      const incoming = { ...callerOf(association), ...asked, level: levelTerm[query.level] };
      const found: Listed[] = [];
      for await (const given of takenUntil(stop, retrieve(incoming))) {
        if (found.length >= maxInstances) {
          throw new CausewayError('limit-exceeded', `More than ${maxInstances} instances are wanted at once.`);
        }
        found.push(await listed(given));
      }
      return {
        total: found.length,
        async *instances() {
          yield* found;
        },
      };
    },
  };
}

async function listedOf(given: RetrievedInstance): Promise<Listed> {
  if (typeof given === 'string') return { ...(await readFileInstance(given)), content: contentOf(given) };
  if (given instanceof Uint8Array) {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    return { ...(await fileInstance(bytes, randomUUID())), content: contentOf(bytes) };
  }
  const { file, ...names } = given;
  const content = typeof file === 'function' ? streamed(file) : wholeOnly(contentOf(file));
  // How long it is, and where its data set begins, it tells when it is read: it is not read ahead.
  return { ...names, size: Number.POSITIVE_INFINITY, content };
}

function unreadable(thrown: unknown): Listed {
  const fail = (): never => {
    throw thrown;
  };
  const content = { size: fail, read: fail, readRange: fail };
  return { sopClassUid: '', sopInstanceUid: '', transferSyntaxUid: '', size: 0, content };
}

/** A file that is cut off must not arrive as a whole: it is read to its end before anything of it is given. */
function wholeOnly(content: FileContent): FileContent {
  async function* whole(): AsyncGenerator<Uint8Array, void, void> {
    await scanContent(content);
    yield* content.read() as AsyncIterable<Uint8Array>;
  }
  return { ...content, read: (range) => (range === undefined ? Readable.from(whole()) : content.read(range)) };
}

/** A stream has one beginning: to be converted, for which it is read more than once, it goes to disk. */
function streamed(open: () => AsyncIterable<Uint8Array>): FileContent {
  return {
    size: async () => Number.POSITIVE_INFINITY,
    read: () => Readable.from(open()),
    readRange() {
      throw new CausewayError('internal', 'A stream has no parts.');
    },
    async spooled() {
      const spool = await openSpool({ path: tmpdir() });
      try {
        for await (const chunk of open()) await spool.append(chunk);
      } catch (thrown) {
        await spool.close();
        throw thrown;
      }
      return {
        close: spool.close,
        size: async () => spool.size,
        read: ({ offset, length } = { offset: 0, length: spool.size }) =>
          Readable.from(spool.read(offset, Math.min(length, spool.size - offset))),
        readRange: (offset, length) => buffer(spool.read(offset, length)),
      };
    },
  };
}
