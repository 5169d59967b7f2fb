import { CausewayError } from '../kernel/errors.ts';
import type { DicomJson } from './json-model.ts';
import { textValues } from './match-values.ts';
import { createPart10Scanner } from './part10-scanner.ts';
import type { ScanFrame } from './scan-frames.ts';

/** An instance of a file-set, as its directory tells. */
export interface DirectoryEntry {
  /** Directory Record Type (0004,1430) of the record that refers to it: `IMAGE`, `SR DOCUMENT`, … */
  readonly type: string;
  /** Components of its File ID. */
  readonly fileId: readonly string[];
  /** Of its record and those above it: patient, study, series. */
  readonly attributes: DicomJson;
}

/** Reads a DICOMDIR from its bytes, in order. */
export interface DicomdirReader {
  /** @throws CausewayError as `Part10Scanner.push` */
  push(chunk: Uint8Array): void;
  /**
   * Entries in the order of the directory: what its records are linked to, as those that nothing leads to are deleted ones.
   * @throws CausewayError as `Part10Scanner.end`; `malformed` for a link that leads nowhere, or in a circle
   */
  end(): DirectoryEntry[];
}

const directoryRecordSequence = 0x00041220;
const firstRecord = '00041200';
const nextRecord = '00041400';
const recordInUse = '00041410';
const lowerRecord = '00041420';
const recordType = '00041430';
const referencedFileId = '00041500';

/** Deeper than any directory of the Standard. */
const maxDepth = 16;

/** @see PS3.3 Annex F, PS3.10 §8.6 */
export function createDicomdirReader(): DicomdirReader {
  /** By the offset of their item. */
  const records = new Map<number, DicomJson>();
  const open: ScanFrame[] = [];
  const scanner = createPart10Scanner({
    visitor: {
      attribute() {},
      fragment() {},
      opened(frame, offset) {
        const around = open.at(-1);
        const isRecord =
          frame.kind === 'data-set' && around?.kind === 'sequence' && around.tag === directoryRecordSequence;
        if (isRecord) records.set(offset, frame.attributes);
        open.push(frame);
      },
      closed() {
        open.pop();
      },
    },
  });

  function* below(first: number, above: DicomJson, depth: number, seen: Set<number>): Generator<DirectoryEntry> {
    for (let offset = first; offset !== 0; ) {
      const record = records.get(offset);
      if (record === undefined) throw malformed(`A directory record is said to be at byte ${offset}, where none is.`);
      if (seen.has(offset) || depth > maxDepth) throw malformed('The directory records lead in a circle.');
      seen.add(offset);
      // Zero: the record is not in use any more, nor is what is below it (PS3.3 §F.3.2.2).
      if (numberOf(record, recordInUse) !== 0) {
        const attributes = { ...above, ...keysOf(record) };
        const fileId = textValues(record[referencedFileId]);
        if (fileId.length > 0) yield { type: textValues(record[recordType])[0] ?? '', fileId, attributes };
        yield* below(numberOf(record, lowerRecord), attributes, depth + 1, seen);
      }
      offset = numberOf(record, nextRecord);
    }
  }

  return {
    push: (chunk) => scanner.push(chunk),
    end() {
      const { attributes } = scanner.end();
      return [...below(numberOf(attributes, firstRecord), {}, 1, new Set())];
    },
  };
}

/** A record without what says where it is. */
function keysOf(record: DicomJson): DicomJson {
  return Object.fromEntries(
    Object.entries(record).filter(([tag]) => !tag.startsWith('0004') || tag.startsWith('000415')),
  );
}

function numberOf(record: DicomJson, tag: string): number {
  return Number(record[tag]?.Value?.[0] ?? (tag === recordInUse ? 0xffff : 0));
}

function malformed(message: string): CausewayError {
  return new CausewayError('malformed', message);
}
