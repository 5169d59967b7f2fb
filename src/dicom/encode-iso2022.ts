import { Buffer } from 'node:buffer';
import { type CodeTable, delimitersOf, designationOf, type TextKind } from './iso2022.ts';
import type { GraphicSet } from './iso2022-graphic-sets.ts';

/** What text may be written in. */
export interface WrittenSets {
  /** Active at the start of a value and behind each delimiter. */
  readonly initial: CodeTable;
  /** Those that escape sequences may designate, the first that has a character before the others. */
  readonly designated: readonly GraphicSet[];
}

const space = 0x20;

/**
 * Writes text with code extensions. In front of delimiters, control characters and the end of the value the initial sets are
 * active again, and in front of a blank that of G0; a set in G1 that stands in the place of none is designated anew behind
 * each of them. A set that has a character stays active as long as it goes on having them.
 * @returns undefined where a character is in none of the sets
 * @see PS3.5 §6.1.2.5.3
 */
export function encodeIso2022(text: string, kind: TextKind, { initial, designated }: WrittenSets): Buffer | undefined {
  const delimiters = delimitersOf[kind];
  const bytes: number[] = [];
  let { g0, g1 } = initial;

  function designate(set: GraphicSet): void {
    const designation = designationOf(set);
    if (designation === undefined) return;
    bytes.push(...designation.bytes);
    if (designation.half === 'g0') g0 = set;
    else g1 = set;
  }

  function reset(): void {
    if (g0 !== initial.g0) designate(initial.g0);
    if (g1 !== initial.g1 && initial.g1 !== undefined) designate(initial.g1);
    ({ g0, g1 } = initial);
  }

  /** @returns false if neither half has it */
  function put(character: string): boolean {
    const lower = g0.encode(character);
    const code = lower ?? g1?.encode(character);
    if (code === undefined) return false;
    const high = lower === undefined ? 0x80 : 0;
    if (code > 0xff) bytes.push((code >> 8) | high, (code & 0xff) | high);
    else bytes.push(code | high);
    return true;
  }

  for (const character of text) {
    const ascii = character.charCodeAt(0);
    if (ascii < space || ascii === 0x7f || delimiters.includes(ascii)) {
      reset();
      bytes.push(ascii);
    } else if (ascii === space) {
      if (g0 !== initial.g0) designate(initial.g0);
      bytes.push(ascii);
    } else if (!put(character)) {
      const set = designated.find((one) => one.encode(character) !== undefined);
      if (set === undefined) return undefined;
      designate(set);
      if (!put(character)) return undefined;
    }
  }
  reset();
  return Buffer.from(bytes);
}
