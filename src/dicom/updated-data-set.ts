import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import type { GuessedEncoding } from './character-set.ts';
import { elementBytes, elementHeader, itemMark, padded } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import { implementationVersionName } from './file-meta.ts';
import type { DicomJson, DicomJsonElement, Vr } from './json-model.ts';
import { valueText } from './json-writer.ts';
import type { RootAttribute, RootAttributes } from './root-attributes.ts';
import { encodeText } from './text-encoding.ts';
import { textKindOf } from './text-kind.ts';

const specificCharacterSet = 0x00080005;
export const originalAttributesSequence = 0x04000561;
const item = 0xfffee000;
const sequenceDelimitation = 0xfffee0dd;
const delimiterBytes = 8;

/** New bytes, or a range of the stored file. */
export type UpdatedPiece = Uint8Array | { readonly offset: number; readonly length: number };

export interface DataSetUpdate {
  /** As `validUpdate` returns it. */
  readonly change: DicomJson;
  readonly at: Date;
  /** What text of the stored file turned out to be in that is said to be ASCII. */
  readonly guessedEncodings: ReadonlySet<GuessedEncoding>;
  /** Of the stored file, bytes. */
  readonly dataSetOffset: number;
  readonly size: number;
  /** Reads the stored file. */
  read(offset: number, length: number): Promise<Buffer>;
}

/**
 * The data set of a stored file with other values of some attributes, in the same encoding; everything else keeps its
 * bytes. What an attribute was goes into an item of the Original Attributes Sequence, behind those that are there.
 * @param roots what stands in the file up to (0400,0561) and the attribute behind it
 * @throws CausewayError `conflict` where the character set of the file has no way to write a value
 * @see PS3.3 §C.12.1.1.9.2
 */
export async function updatedDataSet(
  { encoding, attributes, behind }: RootAttributes,
  update: DataSetUpdate,
): Promise<UpdatedPiece[]> {
  const { size, dataSetOffset, read } = update;
  const declared = attributes.find(({ tag }) => tag === specificCharacterSet);
  const terms = declared && (await read(declared.offset + declared.headerLength, declared.length)).toString('latin1');
  const characterSet = terms?.split('\\').map((term) => term.trim()) ?? [];
  const values = encodedValues(update.change, characterSet, update.guessedEncodings);
  const originals: Buffer[] = [];
  const pieces: UpdatedPiece[] = [];
  let copied = dataSetOffset;
  const copyTo = (offset: number) => {
    if (offset > copied) pieces.push({ offset: copied, length: offset - copied });
    copied = Math.max(copied, offset);
  };
  const placeOf = (tag: number) => attributes.find((one) => one.tag > tag)?.offset ?? behind ?? size;
  for (const [tag, vr, value] of values) {
    const stored = attributes.find((one) => one.tag === tag);
    copyTo(stored?.offset ?? placeOf(tag));
    pieces.push(elementBytes(encoding, tag, vr, value));
    if (stored === undefined) {
      originals.push(elementBytes(encoding, tag, vr, Buffer.alloc(0)));
    } else {
      originals.push(await read(stored.offset, stored.end - stored.offset));
      copied = stored.end;
    }
  }
  const history = attributes.find(({ tag }) => tag === originalAttributesSequence);
  copyTo(history?.offset ?? placeOf(originalAttributesSequence));
  pieces.push(elementHeader(encoding, originalAttributesSequence, 'SQ', undefinedLength));
  if (history !== undefined) {
    pieces.push(itemsOf(history));
    copied = history.end;
  }
  pieces.push(
    originalAttributes(encoding, originals, update.at),
    itemMark(sequenceDelimitation, 0, encoding.bigEndian),
  );
  copyTo(size);
  return pieces;
}

function itemsOf({ offset, end, headerLength, length }: RootAttribute): UpdatedPiece {
  const delimiter = length === undefinedLength ? delimiterBytes : 0;
  return { offset: offset + headerLength, length: end - offset - headerLength - delimiter };
}

/**
 * In ascending order. A file without a character set that needs one gets UTF-8 where all that it holds is ASCII, else what its
 * text turned out to be in: others believe what is declared.
 */
function encodedValues(
  change: DicomJson,
  characterSet: readonly string[],
  guessedEncodings: DataSetUpdate['guessedEncodings'],
): [tag: number, vr: Vr, value: Buffer][] {
  const isAscii = Object.values(change).every((element) => /^[\0-\x7f]*$/.test(textOf(element)));
  const declares = !isAscii && characterSet.every((term) => term.trim() === '');
  if (declares && guessedEncodings.size > 1) {
    const message =
      'The instance names no character set and has text in several: one that needs a name cannot be written.';
    throw new CausewayError('conflict', message, { details: { tag: '00080005' } });
  }
  const needed = guessedEncodings.has('latin1') ? 'ISO_IR 100' : 'ISO_IR 192';
  const terms = declares ? [needed] : characterSet;
  const values = Object.entries(change).map(([tag, element]): [number, Vr, Buffer] => {
    const bytes = encodeText(textOf(element), terms, textKindOf(element.vr) ?? 'multi-value');
    if (bytes === undefined) {
      throw new CausewayError(
        'conflict',
        `The value of ${tag} cannot be written in the character set of the instance (${terms.join('\\')}).`,
        { details: { tag } },
      );
    }
    return [Number.parseInt(tag, 16), element.vr, padded(bytes)];
  });
  if (declares) values.push([specificCharacterSet, 'CS', padded(Buffer.from(needed))]);
  return values.sort(([a], [b]) => a - b);
}

function textOf({ Value: values = [] }: DicomJsonElement): string {
  return values.map(valueText).join('\\');
}

/** One item: what was, when it was changed, by whom and why. */
function originalAttributes(encoding: DataSetEncoding, originals: readonly Buffer[], at: Date): Buffer {
  const text = (tag: number, vr: Vr, value: string) => elementBytes(encoding, tag, vr, padded(Buffer.from(value)));
  const modified = itemOf(encoding, originals);
  const content = [
    elementHeader(encoding, 0x04000550, 'SQ', modified.length),
    modified,
    text(0x04000562, 'DT', `${at.toISOString().replace(/[-:TZ]/g, '')}+0000`),
    text(0x04000563, 'LO', implementationVersionName),
    text(0x04000564, 'LO', ''),
    text(0x04000565, 'CS', 'CORRECT'),
  ];
  return itemOf(encoding, content);
}

function itemOf({ bigEndian }: DataSetEncoding, content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([itemMark(item, bytes.length, bigEndian), bytes]);
}
