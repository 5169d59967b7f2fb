import { Readable } from 'node:stream';
import type { ChangeFeed } from '../../../src/changes/change-feed.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import type { Query } from '../../../src/dicom/query.ts';
import type { Erase } from '../../../src/erase/erase.ts';
import type { RenderParameters } from '../../../src/imaging/imaging.ts';
import type { IndexedInstance } from '../../../src/index/instance-record.ts';
import type { BulkUpdate } from '../../../src/ingest/bulk-update.ts';
import type { Ingest, InstanceOutcome, InstanceSource } from '../../../src/ingest/ingest.ts';
import { CausewayError, type ErrorCode } from '../../../src/kernel/errors.ts';
import type { BulkValue, PresentedFrames, Retrieve, StoredFrame, Target } from '../../../src/retrieve/retrieve.ts';
import { createExtendedQueryTags } from '../../../src/search/extended-query-tags.ts';
import type { Search } from '../../../src/search/search.ts';

export interface FakeInstance {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  readonly bytes: Buffer;
  readonly transferSyntaxUid: string;
}

/** What the fakes store: a line that says what to do with it, then bytes of any kind. */
export function fakeFile(
  uids: { study: string; series: string; instance: string },
  content: Uint8Array = Buffer.alloc(0),
  orders: { refuse?: ErrorCode; warn?: boolean; transferSyntaxUid?: string } = {},
): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...uids, ...orders })}\n`), content]);
}

/** Implicit VR Little Endian, JPEG Lossless, JPEG Extended: what the fakes can turn into Explicit VR Little Endian. */
const convertible: ReadonlySet<string> = new Set([
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.4.70',
  '1.2.840.10008.1.2.4.51',
]);

/** Services that keep everything in memory and note how they were called. */
export function createFakeHouse() {
  const stored = new Map<string, FakeInstance>();
  const sources: InstanceSource[] = [];
  const queries: Query[] = [];
  const renderings: {
    target: Target;
    frame: number | undefined;
    parameters: RenderParameters;
    presentationState?: Target;
  }[] = [];
  const initial = {
    aborted: 0,
    maxFinishing: 0,
    finishing: 0,
    finishDelayMs: 0,
    undecodable: false,
    framesAreIn: undefined as string | undefined,
    unconvertible: [] as string[],
    /** Instances of which the first frame can be converted and the next one not, which is known once it was tried. */
    unconvertibleLater: [] as string[],
    conversions: [] as string[],
    matches: [] as DicomJson[],
    remaining: undefined as number | undefined,
    warnings: [] as string[],
    openFiles: 0,
    breakFilesAfter: Number.POSITIVE_INFINITY,
    endless: false,
    bulkMediaType: 'application/pdf',
    frames: 3,
    mediaType: undefined as string | undefined,
    obstacles: { refusal: undefined as string | undefined, warnings: [] as string[] },
    presented: undefined as PresentedFrames | undefined,
  };
  const state = structuredClone(initial);

  const ingest: Ingest = {
    receive(source) {
      sources.push(source);
      const chunks: Uint8Array[] = [];
      return {
        write(chunk) {
          chunks.push(chunk);
          return chunks.length % 3 === 0 ? Promise.resolve() : undefined;
        },
        async finish() {
          state.finishing += 1;
          state.maxFinishing = Math.max(state.maxFinishing, state.finishing);
          await new Promise((resolve) => setTimeout(resolve, state.finishDelayMs));
          state.finishing -= 1;
          return settle(Buffer.concat(chunks), source);
        },
        async abort() {
          state.aborted += 1;
        },
      };
    },
  };

  function settle(bytes: Buffer, source: InstanceSource): InstanceOutcome {
    let head: Record<string, string | boolean>;
    try {
      head = JSON.parse(bytes.subarray(0, bytes.indexOf('\n')).toString());
    } catch {
      return { status: 'refused', code: 'not-dicom', message: 'No DICOM at byte offset 0.', details: { offset: 0 } };
    }
    const { study, series, instance, refuse, warn } = head as Record<string, string>;
    if (study === undefined || series === undefined || instance === undefined) throw new Error('no UIDs');
    const uids = { studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid: instance, sopClassUid: '1.2.9' };
    if (source.studyInstanceUid !== undefined && source.studyInstanceUid !== study) {
      return { status: 'refused', code: 'study-mismatch', message: 'Another study.', details: {}, ...uids };
    }
    if (refuse !== undefined) {
      const details = { tag: '00100020' };
      return { status: 'refused', code: refuse as ErrorCode, message: 'Refused (0010,0020).', details, ...uids };
    }
    const known = stored.get(instance);
    if (known?.bytes.equals(bytes)) return { status: 'duplicate', warnings: [], ...uids };
    const transferSyntaxUid = String(head['transferSyntaxUid'] ?? '1.2.840.10008.1.2.1');
    stored.set(instance, { study, series, instance, bytes, transferSyntaxUid });
    const warning = { reason: 0xb007, tag: '00100020', message: 'Patient ID is missing.' } as const;
    return { status: 'stored', warnings: warn ? [warning] : [], ...uids };
  }

  function select({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Target): FakeInstance[] {
    const found = [...stored.values()].filter(
      (one) =>
        one.study === studyInstanceUid &&
        (seriesInstanceUid === undefined || one.series === seriesInstanceUid) &&
        (sopInstanceUid === undefined || one.instance === sopInstanceUid),
    );
    if (found.length > 0) return found;
    if (studyInstanceUid === '1.0.410') throw new CausewayError('gone', 'The study was deleted.');
    throw new CausewayError('not-found', 'There is no study with this UID.');
  }

  function indexed(one: FakeInstance): IndexedInstance {
    return {
      studyInstanceUid: one.study,
      seriesInstanceUid: one.series,
      sopInstanceUid: one.instance,
      sopClassUid: '1.2.9',
      transferSyntaxUid: one.transferSyntaxUid,
      frames: state.frames,
      blobKey: `k ${one.instance}`,
      size: one.bytes.length,
      sha256: Buffer.alloc(32),
      dataSetOffset: 0,
      deflated: false,
    };
  }

  function frame(number: number, transferSyntaxUid: string, native: boolean): StoredFrame {
    if (number > 3) throw new CausewayError('frame-not-found', `There is no frame ${number}.`);
    const bytes = Buffer.from(`${native ? 'native' : 'stored'} ${number}`);
    return { number, bytes, bitOffset: 0, transferSyntaxUid, encapsulated: !native };
  }

  const retrieve: Retrieve = {
    async *instances(target) {
      for (const one of select(target)) yield indexed(one);
    },
    file(instance) {
      const one = stored.get(instance.sopInstanceUid);
      state.openFiles += 1;
      const chunks = (async function* () {
        try {
          if (state.endless) for (;;) yield Buffer.alloc(65_536, 1);
          for (let at = 0; at < (one?.bytes.length ?? 0); at += 1000) {
            if (at >= state.breakFilesAfter) throw new CausewayError('unavailable', 'The store is away.');
            yield one?.bytes.subarray(at, at + 1000) ?? Buffer.alloc(0);
          }
        } finally {
          state.openFiles -= 1;
        }
      })();
      return Readable.from(chunks, { objectMode: false });
    },
    dataSet: async () => Buffer.alloc(0),
    producible: ({ transferSyntaxUid }) => (convertible.has(transferSyntaxUid) ? ['1.2.840.10008.1.2.1'] : []),
    async converted({ sopInstanceUid }, transferSyntaxUid) {
      state.conversions.push(sopInstanceUid);
      if (state.unconvertible.includes(sopInstanceUid)) {
        throw new CausewayError('decode-failed', 'Frame 1 cannot be decoded: the codestream is broken.');
      }
      const frames = (async function* () {
        yield Buffer.from(`${sopInstanceUid} in ${transferSyntaxUid}`);
        if (!state.unconvertibleLater.includes(sopInstanceUid)) return;
        state.unconvertible.push(sopInstanceUid);
        throw new CausewayError('decode-failed', 'Frame 2 cannot be decoded: the codestream is broken.');
      })();
      return Readable.from(frames, { objectMode: false });
    },
    deidentification: async () => state.obstacles,
    async *deidentified(_instance, content, transferSyntaxUid) {
      yield Buffer.from(`nobody in ${transferSyntaxUid}, from `);
      yield* content;
    },
    attributes: async ({ sopInstanceUid }) => ({ '00080018': { vr: 'UI', Value: [sopInstanceUid] } }),
    async *metadata(target) {
      for (const one of select(target)) {
        const dataSet: DicomJson = {
          '00080018': { vr: 'UI', Value: [one.instance] },
          '00104000': { vr: 'LT', Value: ['He wrote "BulkDataURI":"x" here'] },
          '7FE00010': { vr: 'OW', BulkDataURI: '7FE00010' },
        };
        yield {
          studyInstanceUid: one.study,
          seriesInstanceUid: one.series,
          sopInstanceUid: one.instance,
          json: Buffer.from(JSON.stringify(dataSet)),
        };
      }
    },
    async metadataEtag(target) {
      return `etag-${select(target).length}`;
    },
    async *frames(target, numbers) {
      const [one] = select(target);
      for (const number of numbers) yield frame(number, state.framesAreIn ?? one?.transferSyntaxUid ?? '', false);
    },
    async *nativeFrames(target, numbers) {
      select(target);
      if (state.undecodable) throw new CausewayError('decode-failed', 'The codestream is broken.');
      for (const number of numbers) yield frame(number, '1.2.840.10008.1.2.1', true);
    },
    async *encodedFrames(target, numbers, transferSyntaxUid) {
      select(target);
      if (state.undecodable) throw new CausewayError('decode-failed', 'The codestream is broken.');
      for (const number of numbers) yield frame(number, transferSyntaxUid, false);
    },
    async bulk(target, path, range): Promise<BulkValue> {
      const [one] = select(target);
      if (path !== '7FE00010') throw new CausewayError('not-found', 'There is no such value.');
      const whole = one?.bytes ?? Buffer.alloc(0);
      const part = range === undefined ? whole : whole.subarray(range.first, (range.last ?? whole.length - 1) + 1);
      return { mediaType: state.bulkMediaType, size: whole.length, body: Readable.from([part], { objectMode: false }) };
    },
    mediaType: async () => state.mediaType,
    async media(instance, range): Promise<BulkValue> {
      const whole = stored.get(instance.sopInstanceUid)?.bytes ?? Buffer.alloc(0);
      const part = range === undefined ? whole : whole.subarray(range.first, (range.last ?? whole.length - 1) + 1);
      return {
        mediaType: state.mediaType ?? '',
        size: whole.length,
        body: Readable.from([part], { objectMode: false }),
      };
    },
    async rendered(target, frameNumber, parameters, presentationState) {
      select(target);
      renderings.push({ target, frame: frameNumber, parameters, ...(presentationState && { presentationState }) });
      if (state.undecodable) throw new CausewayError('no-pixel-data', 'The instance has no pixels.');
      return Buffer.from(`picture ${parameters.mediaType}`);
    },
    cineMediaTypes: async () => [],
    cine: () => Promise.reject(new CausewayError('cannot-render', 'This house plays nothing.')),
    cineTypes: [],
    presentedCine: () => Promise.reject(new Error('Nothing is played here.')),
    presented: async () => state.presented,
  };

  const search: Search = {
    async find(query) {
      queries.push(query);
      return { matches: state.matches, remaining: state.remaining, warnings: state.warnings };
    },
    async *findAll() {},
    extendedVrs: async () => new Map(),
    async count() {
      return { count: state.matches.length, warnings: state.warnings };
    },
  };

  const changes: ChangeFeed = {
    async *read() {},
    latest: async () => undefined,
    async *follow() {},
    close() {},
  };

  const erase: Erase = {
    async erase(target) {
      const found = select(target);
      for (const one of found) stored.delete(one.instance);
      return found.length;
    },
    eraseFetched: async () => 0,
  };

  const extendedQueryTags = createExtendedQueryTags({
    tags: async () => [],
    add: async () => '00000000-0000-0000-0000-000000000000',
    delete: async () => false,
    enableQueries: async () => false,
    operation: async () => undefined,
    errors: async () => [],
    errorCounts: async () => new Map(),
  });

  const bulkUpdate: BulkUpdate = {
    start: async () => '00000000-0000-0000-0000-000000000000',
    operation: async () => undefined,
  };

  function reset(): void {
    stored.clear();
    sources.length = 0;
    queries.length = 0;
    renderings.length = 0;
    Object.assign(state, structuredClone(initial));
  }

  return {
    ingest,
    retrieve,
    search,
    erase,
    bulkUpdate,
    changes,
    extendedQueryTags,
    readPicture: async () => {
      throw new CausewayError('decode-failed', 'This house reads no pictures.');
    },
    stored,
    sources,
    queries,
    renderings,
    state,
    reset,
  };
}

export type FakeHouse = ReturnType<typeof createFakeHouse>;
