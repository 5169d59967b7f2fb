import { repertoireOf } from './character-set-terms.ts';
import { ascii, type GraphicSet, replacement, romaji } from './iso2022-graphic-sets.ts';

/** The kinds of text that differ in what ends a run of designations (PS3.5 §6.1.2.5.3). */
export type TextKind = 'person-name' | 'multi-value' | 'text';

/** The graphic sets in the lower (G0) and upper (G1) half of the code table. */
export interface CodeTable {
  readonly g0: GraphicSet;
  readonly g1: GraphicSet | undefined;
}

/** How a value with code extensions is read. */
export interface CodeExtensions {
  /** Active at the start of a value and behind each delimiter. */
  readonly initial: CodeTable;
  /** Sets that escape sequences may designate; others are read all the same, and counted. */
  readonly declared: ReadonlySet<GraphicSet>;
  /** Read into the upper half where nothing is designated there: for devices that forget to repeat an escape sequence. */
  readonly assumedG1: GraphicSet | undefined;
}

/** Text, and how many places of it are not what the declared character sets allow. */
export interface DecodedText {
  readonly text: string;
  readonly problems: number;
}

const escapeByte = 0x1b;

/** What follows ESC, to the half and the set that it designates (PS3.3 Tables C.12-3 and C.12-4). */
const designations: ReadonlyMap<string, { readonly half: 'g0' | 'g1'; readonly set: GraphicSet }> = new Map([
  ['(B', { half: 'g0', set: ascii }],
  ['(J', { half: 'g0', set: romaji }],
  [')I', { half: 'g1', set: setOf('13') }],
  ['-A', { half: 'g1', set: setOf('100') }],
  ['-B', { half: 'g1', set: setOf('101') }],
  ['-C', { half: 'g1', set: setOf('109') }],
  ['-D', { half: 'g1', set: setOf('110') }],
  ['-F', { half: 'g1', set: setOf('126') }],
  ['-G', { half: 'g1', set: setOf('127') }],
  ['-H', { half: 'g1', set: setOf('138') }],
  ['-L', { half: 'g1', set: setOf('144') }],
  ['-M', { half: 'g1', set: setOf('148') }],
  ['-T', { half: 'g1', set: setOf('166') }],
  ['-b', { half: 'g1', set: setOf('203') }],
  ['$B', { half: 'g0', set: setOf('87') }],
  // JIS C 6226-1978, which JIS X 0208 succeeded; Japanese consoles of the nineties still say it.
  ['$@', { half: 'g0', set: setOf('87') }],
  ['$(D', { half: 'g0', set: setOf('159') }],
  ['$)C', { half: 'g1', set: setOf('149') }],
  ['$)A', { half: 'g1', set: setOf('58') }],
]);

/** What designates a set, ESC in front of it, and to which half of the code table. */
export interface Designation {
  readonly half: 'g0' | 'g1';
  readonly bytes: readonly number[];
}

const designationsBySet = new Map<GraphicSet, Designation>();
for (const [sequence, { half, set }] of designations) {
  // Of the two of JIS X 0208 the first, today's.
  if (designationsBySet.has(set)) continue;
  designationsBySet.set(set, { half, bytes: [escapeByte, ...Array.from(sequence, (one) => one.charCodeAt(0))] });
}

export function designationOf(set: GraphicSet): Designation | undefined {
  return designationsBySet.get(set);
}

function setOf(registration: string): GraphicSet {
  const repertoire = repertoireOf(`ISO_IR ${registration}`);
  return (repertoire?.kind === 'graphic-sets' ? repertoire.set : undefined) ?? ascii;
}

/** `^` and `=` of person names, `\` between values; none of them where `\` is a character like any other. */
export const delimitersOf: Readonly<Record<TextKind, readonly number[]>> = {
  'person-name': [0x5c, 0x5e, 0x3d],
  'multi-value': [0x5c],
  text: [],
};

/**
 * Decodes a value with code extensions. Never throws: what stands for no character becomes U+FFFD.
 * @see PS3.5 §6.1.2.5, ISO/IEC 2022
 */
export function decodeIso2022(bytes: Uint8Array, kind: TextKind, extensions: CodeExtensions): DecodedText {
  const { initial, declared, assumedG1 } = extensions;
  const delimiters = delimitersOf[kind];
  let { g0, g1 } = initial;
  let text = '';
  let problems = 0;
  let at = 0;

  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === escapeByte) {
      const sequence = designationAt(bytes, at + 1);
      const designation = designations.get(sequence);
      if (designation === undefined) {
        text += replacement;
        problems++;
        at++;
        continue;
      }
      if (!declared.has(designation.set)) problems++;
      if (designation.half === 'g0') g0 = designation.set;
      else g1 = designation.set;
      at += 1 + sequence.length;
    } else if (isControl(byte) || byte === 0x20) {
      text += String.fromCharCode(byte);
      if (byte !== 0x20) ({ g0, g1 } = initial);
      if (byte >= 0x80) problems++;
      at++;
    } else if (g0.bytesPerCode === 1 && delimiters.includes(byte)) {
      text += String.fromCharCode(byte);
      ({ g0, g1 } = initial);
      at++;
    } else {
      const end = endOfRun(bytes, at, g0.bytesPerCode === 1 ? delimiters : []);
      const set = byte < 0x80 ? g0 : (g1 ?? assumedG1);
      if (byte >= 0x80 && g1 === undefined) problems++;
      const run = set?.decode(bytes, at, end) ?? { text: replacement.repeat(end - at), undefinedCodes: 0 };
      text += run.text;
      problems += run.undefinedCodes;
      at = end;
    }
  }
  return { text, problems };
}

/** C0, DEL and C1: neither half of the code table. C1 has no place in DICOM (PS3.5 §6.1.3). */
function isControl(byte: number): boolean {
  return byte < 0x20 || (byte >= 0x7f && byte < 0xa0);
}

/** Intermediate bytes and the final byte behind ESC (ISO/IEC 2022 §13.2), at most three of them. */
function designationAt(bytes: Uint8Array, start: number): string {
  let sequence = '';
  for (let i = start; i < Math.min(start + 3, bytes.length); i++) {
    const byte = bytes[i] ?? 0;
    sequence += String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x30) break;
  }
  return sequence;
}

/** Whether an escape sequence that means something stands anywhere in a value. */
export function designatesSets(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(escapeByte); at >= 0; at = bytes.indexOf(escapeByte, at + 1)) {
    if (designations.has(designationAt(bytes, at + 1))) return true;
  }
  return false;
}

/** The end of the bytes that lie in the same half of the code table as the first, short of any delimiter. */
function endOfRun(bytes: Uint8Array, start: number, delimiters: readonly number[]): number {
  const upper = (bytes[start] ?? 0) >= 0x80;
  let end = start + 1;
  for (; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0;
    if (byte === 0x20 || isControl(byte) || byte >= 0x80 !== upper || delimiters.includes(byte)) break;
  }
  return end;
}
