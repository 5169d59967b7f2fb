import type pg from 'pg';
import { bytesPerFragment, bytesPerFrameStart, decodeFragments, decodeFrameStarts } from '../dicom/fragment-table.ts';
import { fragmentsOfFrame, locateFrame } from '../dicom/frame-location.ts';
import type { Vr } from '../dicom/json-model.ts';
import type { ByteRange, NativePixelData } from '../dicom/pixel-data.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { IndexedFrame, VersionTarget } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';
import { keyValues, targetKey } from './target-key.ts';

/** What a version is found by, so that all that is read of it belongs together. */
const versionCondition = 'study_id = $1 and series_id = $2 and instance_id = $3 and blob_key = $4';

function versionValues(target: VersionTarget): string[] {
  return [...keyValues(targetKey(target)), target.blobKey];
}

/** The metadata of a version. */
export async function readMetadataOf(pool: pg.Pool, target: VersionTarget): Promise<Buffer | undefined> {
  const { rows } = await persistently(() =>
    pool.query<{ metadata: Buffer }>({
      name: 'metadata-of-version',
      text: `select metadata from instances where ${versionCondition}`,
      values: versionValues(target),
    }),
  );
  return rows[0]?.metadata;
}

/** Where the value of a BulkDataURI lies. */
export async function readBulk(pool: pg.Pool, target: VersionTarget, path: string): Promise<BulkRange | undefined> {
  const { rows } = await persistently(() =>
    pool.query<{ range: [number, number, Vr, boolean] | null }>({
      name: 'bulk',
      text: `select bulk -> $5 as range from instances where ${versionCondition}`,
      values: [...versionValues(target), path],
    }),
  );
  const range = rows[0]?.range;
  if (!range) return undefined;
  const [offset, length, vr, bigEndian] = range;
  return { path, offset, length, vr, bigEndian };
}

interface LayoutRow {
  readonly frames: number;
  readonly pixel_kind: 'native' | 'encapsulated' | null;
  readonly pixel_tag: NativePixelData['tag'];
  readonly pixel_vr: NativePixelData['vr'];
  readonly pixel_offset: string;
  readonly pixel_length: string;
  readonly pixel_big_endian: boolean;
  readonly bits_per_frame: string;
  readonly frame_mapping: 'starts' | 'one-to-one' | 'unknown';
  readonly fragment_count: number;
}

/**
 * Locates frames without reading the tables of all frames: only the bytes that are asked for are cut out of them.
 * @param numbers from 1, in any order
 */
export async function readFrames(
  pool: pg.Pool,
  target: VersionTarget,
  numbers: readonly number[],
): Promise<IndexedFrame[] | undefined> {
  const key = versionValues(target);
  const { rows } = await persistently(() =>
    pool.query<LayoutRow>({
      name: 'pixel-layout',
      text: `select frames, pixel_kind, pixel_tag, pixel_vr, pixel_offset, pixel_length, pixel_big_endian, bits_per_frame,
               frame_mapping, octet_length(fragments) / ${bytesPerFragment} as fragment_count
             from instances where ${versionCondition}`,
      values: key,
    }),
  );
  const layout = rows[0];
  if (layout === undefined) return undefined;
  if (layout.pixel_kind === null) throw new CausewayError('no-pixel-data', 'The instance has no Pixel Data.');
  for (const number of numbers) {
    if (!Number.isInteger(number) || number < 1 || number > layout.frames) {
      const count = layout.frames === 1 ? '1 frame' : `${layout.frames} frames`;
      throw new CausewayError('frame-not-found', `Frame ${number} is not there: the instance has ${count}.`);
    }
  }
  if (layout.pixel_kind === 'native') {
    const native = nativeLayout(layout);
    return numbers.map((number) => ({ number, ...locateFrame(native, number), encapsulated: false }));
  }
  const spans = await fragmentSpans(pool, key, layout, numbers);
  if (spans === undefined) return undefined;
  // Before they are looked for: what a file promises and does not hold may be more than Postgres can count.
  spans.forEach(([first, end], index) => {
    if (first >= end || end > layout.fragment_count) throw frameMissing(numbers[index]!);
  });
  const ranges = await readFragments(pool, key, spans);
  if (ranges === undefined) return undefined;
  return numbers.map((number, index) => {
    const found = ranges[index] ?? [];
    if (found.length === 0) throw frameMissing(number);
    return { number, ranges: found, bitOffset: 0, encapsulated: true };
  });
}

function frameMissing(number: number): CausewayError {
  return new CausewayError('frame-not-found', `Frame ${number} is not there: the Pixel Data ends before it does.`, {
    details: { tag: '7FE00010' },
  });
}

function nativeLayout(row: LayoutRow): NativePixelData {
  return {
    kind: 'native',
    tag: row.pixel_tag,
    vr: row.pixel_vr,
    offset: Number(row.pixel_offset),
    length: Number(row.pixel_length),
    bigEndian: row.pixel_big_endian,
    frames: row.frames,
    bitsPerFrame: Number(row.bits_per_frame),
  };
}

type Span = readonly [first: number, end: number];

/** Index of the first fragment of each frame and of the first one behind it. */
async function fragmentSpans(
  pool: pg.Pool,
  key: readonly string[],
  { frames, frame_mapping, fragment_count }: LayoutRow,
  numbers: readonly number[],
): Promise<Span[] | undefined> {
  if (frame_mapping !== 'starts') {
    const table = { frames, frameStarts: frame_mapping, fragmentLengths: { length: fragment_count } };
    return numbers.map((number) => fragmentsOfFrame(table, number));
  }
  const starts = await cutOut(
    pool,
    key,
    'frame_starts',
    numbers.map((number) => [(number - 1) * bytesPerFrameStart, 2 * bytesPerFrameStart]),
  );
  return starts?.map((bytes) => {
    const [first = fragment_count, end = fragment_count] = decodeFrameStarts(bytes);
    return [first, end];
  });
}

async function readFragments(
  pool: pg.Pool,
  key: readonly string[],
  spans: readonly Span[],
): Promise<ByteRange[][] | undefined> {
  const cuts = spans.map(
    ([first, end]): Span => [first * bytesPerFragment, Math.max(end - first, 0) * bytesPerFragment],
  );
  return (await cutOut(pool, key, 'fragments', cuts))?.map((bytes) => {
    const { offsets, lengths } = decodeFragments(bytes);
    return Array.from(offsets, (offset, index) => ({ offset, length: lengths[index]! }));
  });
}

/** Runs of bytes, each `[offset, length]`, of a column of one version; undefined if it is not there any more. */
async function cutOut(
  pool: pg.Pool,
  key: readonly string[],
  column: 'fragments' | 'frame_starts',
  cuts: readonly Span[],
): Promise<Buffer[] | undefined> {
  const { rows } = await persistently(() =>
    pool.query<{ bytes: Buffer }>({
      name: `cut-${column}`,
      text: `select substr(${column}, cut_offset + 1, cut_length) as bytes
             from instances, unnest($5::int[], $6::int[]) with ordinality as cuts (cut_offset, cut_length, n)
             where ${versionCondition} order by n`,
      values: [...key, cuts.map(([offset]) => offset), cuts.map(([, length]) => length)],
    }),
  );
  return rows.length < cuts.length ? undefined : rows.map(({ bytes }) => bytes);
}
