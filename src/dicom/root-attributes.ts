import type { DataSetEncoding } from './encoding-sniffing.ts';
import { createPart10Scanner } from './part10-scanner.ts';

/** Where an attribute of the data set itself lies in the file. */
export interface RootAttribute {
  readonly tag: number;
  readonly offset: number;
  readonly headerLength: number;
  /** Of the value, in bytes, or `undefinedLength`. */
  readonly length: number;
  /** Offset of what comes behind it. */
  readonly end: number;
}

export interface RootAttributes {
  readonly encoding: DataSetEncoding;
  /** In file order. */
  readonly attributes: readonly RootAttribute[];
  /** Offset of the first one that is beyond what was asked for; undefined if there is none. */
  readonly behind: number | undefined;
}

/**
 * Finds the attributes of a data set up to a tag, without its items, and reads no further than it has to.
 * @param file a Part 10 file that is not deflated
 * @throws CausewayError as the scanner
 */
export async function rootAttributesUpTo(
  lastTag: number,
  file: AsyncIterable<Uint8Array>,
  size: number,
): Promise<RootAttributes> {
  let encoding: DataSetEncoding = { explicitVr: true, bigEndian: false };
  const found: Omit<RootAttribute, 'end'>[] = [];
  let behind: number | undefined;
  let depth = 0;
  // What was accepted is within the limits that held then.
  const limits = { maxMetadataBytes: Number.MAX_SAFE_INTEGER, maxElements: Number.MAX_SAFE_INTEGER };
  const scanner = createPart10Scanner({
    acceptBareDataSets: true,
    limits,
    visitor: {
      attribute({ tag, offset, headerLength, length }, frame) {
        if (depth > 0 || behind !== undefined) return;
        encoding = { explicitVr: frame.explicitVr, bigEndian: frame.bigEndian };
        if (tag > lastTag) behind = offset;
        else found.push({ tag, offset, headerLength, length });
      },
      opened: () => {
        depth += 1;
      },
      fragment() {},
      closed: () => {
        depth -= 1;
      },
    },
  });
  for await (const chunk of file) {
    scanner.push(chunk);
    if (behind !== undefined) break;
  }
  const attributes = found.map((one, at) => ({ ...one, end: found[at + 1]?.offset ?? behind ?? size }));
  return { encoding, attributes, behind };
}
