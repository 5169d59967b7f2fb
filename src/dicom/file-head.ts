import { CausewayError } from '../kernel/errors.ts';
import { append, available, type ByteWindow, consume, createByteWindow, keep } from './byte-window.ts';
import { encodingInWords, sniffEncoding, sniffedBytes } from './encoding-sniffing.ts';
import { createFileMetaReader, type FileMetaReader } from './file-meta-reader.ts';
import { createScanWarnings, type ScanWarnings } from './scan-warnings.ts';

const preambleBytes = 128;
/** Preamble and the letters DICM. */
const prefixBytes = preambleBytes + 4;

/**
 * Passes over what stands in front of the File Meta Information.
 * @param window stands at the first byte of the file
 * @returns whether there is File Meta Information; undefined if more bytes have to come to tell
 * @throws CausewayError `not-dicom`
 */
export function passPrefix(
  window: ByteWindow,
  { atEnd, acceptBareDataSets }: { readonly atEnd: boolean; readonly acceptBareDataSets: boolean },
  warnings: ScanWarnings,
): boolean | undefined {
  if (available(window) < prefixBytes && !atEnd) return undefined;
  const { bytes, start } = window;
  if (isDicm(window, preambleBytes)) {
    consume(window, prefixBytes);
  } else if (isDicm(window, 0)) {
    consume(window, 4);
    warnings.add({ kind: 'meta-repaired', offset: 0, message: 'The preamble of 128 bytes is missing.' });
  } else if (
    available(window) >= sniffedBytes &&
    bytes[start] === 2 &&
    bytes[start + 1] === 0 &&
    bytes[start + 4] === 0x55
  ) {
    warnings.add({ kind: 'meta-repaired', offset: 0, message: 'The preamble and the letters DICM are missing.' });
  } else {
    requireBare(window, acceptBareDataSets);
    warnings.add({ kind: 'meta-repaired', offset: 0, message: 'There is no preamble and no File Meta Information.' });
    return false;
  }
  return true;
}

function isDicm(window: ByteWindow, at: number): boolean {
  const { bytes, start } = window;
  return available(window) >= at + 4 && bytes.toString('latin1', start + at, start + at + 4) === 'DICM';
}

function requireBare(window: ByteWindow, acceptBareDataSets: boolean): void {
  const size = available(window);
  const found = size >= sniffedBytes ? sniffEncoding(window.bytes, window.start) : undefined;
  if (found === undefined) {
    const what =
      size === 0 ? 'The file is empty.' : `There is no DICM at byte ${preambleBytes}: this is no DICOM file.`;
    throw new CausewayError('not-dicom', what, { details: { offset: Math.min(size, preambleBytes) } });
  }
  if (!acceptBareDataSets) {
    throw new CausewayError(
      'not-dicom',
      `There is no DICM at byte ${preambleBytes}: this is a data set in ${encodingInWords(found)} without File Meta Information.`,
      { details: { offset: preambleBytes } },
    );
  }
}

/** Reads a file up to its data set, as the scanner does; a bare data set is a file as well. */
export interface FileHeadReader {
  /**
   * Takes the next bytes, until the data set has begun.
   * @returns where that begins, and what has come of it; undefined as long as it has not begun
   * @throws CausewayError `not-dicom`, `malformed`
   */
  push(chunk: Uint8Array): DataSetStart | undefined;
  /** The bytes are complete, and the data set had not begun. @throws CausewayError as `push`, and `truncated` */
  end(): DataSetStart;
}

export interface DataSetStart {
  readonly dataSetOffset: number;
  /** A part of the last chunk, unless the data set began before it. */
  readonly bytes: Buffer;
}

export function createFileHeadReader(): FileHeadReader {
  const window = createByteWindow();
  const warnings = createScanWarnings();
  let meta: FileMetaReader | undefined;

  function read(atEnd: boolean): DataSetStart | undefined {
    if (meta === undefined) {
      const hasMeta = passPrefix(window, { atEnd, acceptBareDataSets: true }, warnings);
      if (hasMeta === undefined) return undefined;
      if (!hasMeta) return start();
      meta = createFileMetaReader(window, warnings);
    }
    return meta.read(atEnd) ? start() : undefined;
  }

  const start = (): DataSetStart => ({
    dataSetOffset: window.offset,
    bytes: window.bytes.subarray(window.start, window.end),
  });

  return {
    push(chunk) {
      append(window, chunk);
      const started = read(false);
      if (started === undefined) keep(window);
      return started;
    },
    end() {
      const started = read(true);
      if (started === undefined) throw new CausewayError('truncated', 'The file ends before its data set begins.');
      return started;
    },
  };
}
