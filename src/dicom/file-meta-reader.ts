import { CausewayError } from '../kernel/errors.ts';
import { available, type ByteWindow, consume } from './byte-window.ts';
import { characterSetOf } from './character-set.ts';
import { dictionaryVr } from './dictionary.ts';
import type { DicomJson, Vr } from './json-model.ts';
import { attributeInWords, type ScanWarnings } from './scan-warnings.ts';
import { tagHex } from './tag-hex.ts';
import { transferSyntax } from './transfer-syntaxes.ts';
import { decodeValue } from './value-decoding.ts';
import { type VrTraits, vrTraits, vrTraitsOfCode } from './vr-traits.ts';

/** Longer than any File Meta Information that means well; private information (0002,0102) included. */
const maxValueBytes = 1024 * 1024;
const maxElements = 1000;

const groupLength = 0x00020000;

/** Reads group 0002 (PS3.10 §7.1), always Explicit VR Little Endian. */
export interface FileMetaReader {
  readonly attributes: DicomJson;
  /**
   * Reads what is there.
   * @param atEnd no more bytes will come
   * @returns true when the group is over and the window stands at the data set
   * @throws CausewayError `malformed`, `truncated`
   */
  read(atEnd: boolean): boolean;
}

/** @param window stands at the first attribute of the group */
export function createFileMetaReader(window: ByteWindow, warnings: ScanWarnings): FileMetaReader {
  const attributes: DicomJson = {};
  const context = { bigEndian: false, characterSet: characterSetOf([]), objection() {} };
  /** Where the group ends according to its group length. */
  let claimedEnd: number | undefined;
  let elements = 0;

  function read(atEnd: boolean): boolean {
    for (;;) {
      const { bytes, start, offset } = window;
      if (offset === claimedEnd && isOver()) return true;
      if (available(window) < 8) {
        if (!atEnd) return false;
        if (available(window) === 0 && elements > 0) return true;
        throw truncated();
      }
      if (bytes[start] !== 0x02 || bytes[start + 1] !== 0x00) {
        noteWrongGroupLength();
        return true;
      }
      if (!readElement(atEnd)) return false;
    }
  }

  /** At the end that the group length gives: true unless another attribute of the group follows all the same. */
  function isOver(): boolean {
    const { bytes, start } = window;
    const transferSyntaxUid = attributes['00020010']?.Value?.[0];
    if (typeof transferSyntaxUid === 'string' && transferSyntax(transferSyntaxUid)?.deflated) return true;
    return available(window) >= 2 && !(bytes[start] === 0x02 && bytes[start + 1] === 0x00);
  }

  function readElement(atEnd: boolean): boolean {
    const { bytes, start, offset } = window;
    const tag = 0x00020000 | bytes.readUInt16LE(start + 2);
    const header = headerAt(tag);
    if (header === undefined) return atEnd ? fail() : false;
    const { traits, length, headerBytes } = header;
    if (length > maxValueBytes) {
      throw new CausewayError(
        'malformed',
        `${attributeInWords(tag)} at byte ${offset} claims ${length} bytes, too many for File Meta Information.`,
        { details: { tag: tagHex(tag), offset } },
      );
    }
    if (available(window) < headerBytes + length) return atEnd ? fail() : false;
    elements++;
    if (elements > maxElements) {
      throw new CausewayError('malformed', `The File Meta Information at byte ${offset} has no end.`, {
        details: { offset },
      });
    }
    const value = start + headerBytes;
    consume(window, headerBytes + length);
    if (tag === groupLength) {
      if (length === 4) claimedEnd = window.offset + bytes.readUInt32LE(value);
    } else if (attributes[tagHex(tag)] === undefined) {
      attributes[tagHex(tag)] = decodeValue(traits, bytes, value, value + length, context);
    }
    return true;
  }

  /** Some writers take the encoding of the data set for this group too: then there is no VR. */
  function headerAt(tag: number): { traits: VrTraits; length: number; headerBytes: number } | undefined {
    const { bytes, start } = window;
    const traits = vrTraitsOfCode(bytes.readUInt16BE(start + 4));
    if (traits === undefined) {
      const known = dictionaryVr(tag);
      const vr: Vr = known?.length === 2 ? (known as Vr) : 'UN';
      return { traits: vrTraits(vr), length: bytes.readUInt32LE(start + 4), headerBytes: 8 };
    }
    if (!traits.longLength) return { traits, length: bytes.readUInt16LE(start + 6), headerBytes: 8 };
    if (available(window) < 12) return undefined;
    return { traits, length: bytes.readUInt32LE(start + 8), headerBytes: 12 };
  }

  function noteWrongGroupLength(): void {
    if (claimedEnd === window.offset) return;
    warnings.add({
      kind: 'meta-repaired',
      tag: tagHex(groupLength),
      offset: window.offset,
      message:
        claimedEnd === undefined
          ? 'The group length (0002,0000) of the File Meta Information is missing.'
          : `The group length (0002,0000) says that the File Meta Information ends at byte ${claimedEnd}; it ends at byte ${window.offset}.`,
    });
  }

  function fail(): never {
    throw truncated();
  }

  function truncated(): CausewayError {
    const end = window.offset + available(window);
    return new CausewayError(
      'truncated',
      `The file ends at byte ${end}, inside its File Meta Information (group 0002).`,
      {
        details: { offset: end },
      },
    );
  }

  return { attributes, read };
}
