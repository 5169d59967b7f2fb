import { CausewayError } from '../kernel/errors.ts';
import { append, available, type ByteWindow, consume, createByteWindow, keep } from './byte-window.ts';
import { createDataSetReader, type DataSetReader } from './data-set-reader.ts';
import type { DataSetVisitor } from './data-set-visitor.ts';
import {
  couldBe,
  type DataSetEncoding,
  encodingInWords,
  sniffEncoding,
  sniffedBytes,
  transferSyntaxUidOf,
} from './encoding-sniffing.ts';
import { passPrefix } from './file-head.ts';
import { createFileMetaReader, type FileMetaReader } from './file-meta-reader.ts';
import type { DicomJson } from './json-model.ts';
import { defaultScanLimits, limitExceeded, type ScanLimits } from './scan-limits.ts';
import { createScanWarnings } from './scan-warnings.ts';
import type { ScannedInstance } from './scanned-instance.ts';
import { type TransferSyntax, transferSyntax, transferSyntaxUids } from './transfer-syntaxes.ts';

/** Takes deflated bytes, in order, and hands what comes out to the `output` it was made with, now or later. */
type InflateSink = (deflated: Uint8Array) => void;

export interface ScannerOptions {
  readonly limits?: Partial<ScanLimits>;
  /** Makes the inflater for a deflated data set. Without one such a data set is refused. */
  readonly inflate?: (output: (inflated: Uint8Array) => void) => InflateSink;
  /** Takes a data set without preamble and File Meta Information, if its first attribute proves its encoding. */
  readonly acceptBareDataSets?: boolean;
  /** Told of the data set while it is read. */
  readonly visitor?: DataSetVisitor;
}

/**
 * The names of an instance as far as they are known while its bytes arrive; not yet checked for syntax. What the data set has
 * not said is taken from the File Meta Information: whoever sent a file that is refused wants to know which.
 */
export interface EarlyIdentity {
  readonly transferSyntaxUid?: string;
  readonly sopClassUid?: string;
  readonly sopInstanceUid?: string;
  readonly studyInstanceUid?: string;
  readonly seriesInstanceUid?: string;
}

/** Reads a Part 10 file from a stream of bytes, holding neither pixels nor bulk data. */
export interface Part10Scanner {
  /**
   * Takes the next bytes, in chunks of any size, whose memory may be used again as soon as the call is back.
   * @throws CausewayError as soon as the file is known to be refused: `not-dicom`, `malformed`,
   * `transfer-syntax-unsupported`, `limit-exceeded`; after that the scanner is of no use
   */
  push(chunk: Uint8Array): void;
  /** The bytes are complete. @throws CausewayError as `push`, and `truncated` */
  end(): ScannedInstance;
  readonly identity: EarlyIdentity;
  /** Bytes of the file that are not looked at again; of a deflated data set not to be asked for. */
  readonly position: number;
}

/** @see PS3.10 §7, PS3.5 §7 and Annex A */
export function createPart10Scanner(options: ScannerOptions = {}): Part10Scanner {
  const limits: ScanLimits = { ...defaultScanLimits, ...options.limits };
  const warnings = createScanWarnings();
  const window = createByteWindow();
  let meta: FileMetaReader | undefined;
  let hasMeta = true;
  let syntax: TransferSyntax | undefined;
  let transferSyntaxUid: string | undefined;
  let dataSetOffset = 0;
  /** Set once the File Meta Information is read. */
  let dataSet: DataSetReader | undefined;
  let inflate: InflateSink | undefined;
  let inflatedBytes = 0;

  function push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (inflate !== undefined) {
      inflate(chunk);
    } else if (dataSet !== undefined) {
      dataSet.push(chunk);
    } else {
      append(window, chunk);
      readHead(false);
    }
    keep(window);
  }

  /** Everything up to the point where the encoding of the data set is known. */
  function readHead(atEnd: boolean): void {
    if (hasMeta && meta === undefined && !readPrefix(atEnd)) return;
    if (meta !== undefined && dataSetOffset === 0) {
      if (!meta.read(atEnd)) return;
      dataSetOffset = window.offset;
      claimTransferSyntax(meta.attributes);
    }
    if (syntax?.deflated) {
      startInflating();
    } else if (available(window) >= sniffedBytes) {
      startDataSet(window, decideEncoding(window));
    } else if (atEnd) {
      throw withoutDataSet();
    }
  }

  function withoutDataSet(): CausewayError {
    const offset = window.offset + available(window);
    return new CausewayError('truncated', `The file ends at byte ${offset}, where its data set has hardly begun.`, {
      details: { offset },
    });
  }

  function readPrefix(atEnd: boolean): boolean {
    const { acceptBareDataSets = false } = options;
    const found = passPrefix(window, { atEnd, acceptBareDataSets }, warnings);
    if (found === undefined) return false;
    hasMeta = found;
    if (found) meta = createFileMetaReader(window, warnings);
    return true;
  }

  function claimTransferSyntax(attributes: DicomJson): void {
    const value = attributes['00020010']?.Value?.[0];
    if (typeof value !== 'string') {
      warnings.add({ kind: 'meta-repaired', tag: '00020010', message: 'Transfer Syntax UID (0002,0010) is missing.' });
      return;
    }
    syntax = transferSyntax(value);
    transferSyntaxUid = value;
    if (syntax === undefined) {
      const name = /^[0-9.]{1,64}$/.test(value) ? value : 'it names';
      throw new CausewayError(
        'transfer-syntax-unsupported',
        `Transfer Syntax UID (0002,0010): the transfer syntax ${name} is not known here.`,
        { details: { tag: '00020010' } },
      );
    }
  }

  /** The bytes decide; where they say nothing, the File Meta Information is believed. */
  function decideEncoding({ bytes, start, offset }: ByteWindow): DataSetEncoding {
    const found = sniffEncoding(bytes, start);
    if (syntax === undefined) {
      if (found === undefined) {
        throw new CausewayError(
          'malformed',
          `Transfer Syntax UID (0002,0010) is missing, and the attribute at byte ${offset} does not show how the data set is encoded.`,
          { details: { tag: '00020010', offset } },
        );
      }
      transferSyntaxUid = transferSyntaxUidOf(found, undefined);
      return found;
    }
    if (found === undefined || couldBe(syntax, bytes, start)) return syntax;
    warnings.add({
      kind: 'encoding-differs',
      tag: '00020010',
      offset,
      message: `The data set is in ${encodingInWords(found)}, although Transfer Syntax UID (0002,0010) says ${syntax.name}.`,
    });
    transferSyntaxUid = transferSyntaxUidOf(found, syntax);
    return found;
  }

  function startDataSet(from: ByteWindow, encoding: DataSetEncoding): void {
    const known = transferSyntax(transferSyntaxUid ?? transferSyntaxUids.explicitVrLittleEndian)!;
    dataSet = createDataSetReader(from, encoding, known, limits, warnings, options.visitor);
    dataSet.push(new Uint8Array(0));
  }

  function startInflating(): void {
    if (options.inflate === undefined) {
      throw new CausewayError('transfer-syntax-unsupported', 'Deflated data sets cannot be read here.', {
        details: { tag: '00020010' },
      });
    }
    const inflated = createByteWindow();
    inflate = options.inflate((bytes) => {
      inflatedBytes += bytes.length;
      if (inflatedBytes > limits.maxInflatedBytes) {
        throw limitExceeded('maxInflatedBytes', limits, inflatedBytes, 'The data set inflates to too much');
      }
      if (dataSet === undefined) {
        append(inflated, bytes);
        if (available(inflated) < sniffedBytes) return;
        startDataSet(inflated, { explicitVr: true, bigEndian: false });
      } else {
        dataSet.push(bytes);
      }
    });
    const rest = window.bytes.subarray(window.start, window.end);
    consume(window, rest.length);
    if (rest.length > 0) inflate(rest);
  }

  function end(): ScannedInstance {
    if (dataSet === undefined && inflate === undefined) readHead(true);
    if (dataSet === undefined) throw withoutDataSet();
    dataSet.finish();
    return {
      transferSyntaxUid: dataSet.syntax.uid,
      fileMeta: meta?.attributes ?? {},
      dataSetOffset,
      attributes: dataSet.attributes,
      definedTerms: dataSet.definedTerms,
      guessedEncodings: dataSet.guessedEncodings,
      bulk: dataSet.bulk,
      pixelData: dataSet.pixelData,
      deflated: inflate !== undefined,
      warnings: warnings.list,
    };
  }

  return {
    push,
    end,
    get identity() {
      return earlyIdentity(transferSyntaxUid, dataSet?.attributes ?? {}, meta?.attributes ?? {});
    },
    get position() {
      return window.offset;
    },
  };
}

function earlyIdentity(
  transferSyntaxUid: string | undefined,
  attributes: DicomJson,
  fileMeta: DicomJson,
): EarlyIdentity {
  const uids = {
    sopClassUid: attributes['00080016'] ?? fileMeta['00020002'],
    sopInstanceUid: attributes['00080018'] ?? fileMeta['00020003'],
    studyInstanceUid: attributes['0020000D'],
    seriesInstanceUid: attributes['0020000E'],
  };
  const known = Object.entries(uids).flatMap(([name, element]) => {
    const value = element?.Value?.[0];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }), ...Object.fromEntries(known) };
}
