import { Buffer } from 'node:buffer';
import { characterSetOf, type TextKind } from './character-set.ts';
import { characterSetEncoder } from './character-set-encoder.ts';

/**
 * Writes text into a data set that declares a Specific Character Set (0008,0005), whether it spells it as the Standard does
 * or not.
 * @param kind as `CharacterSet.decode` takes it
 * @returns undefined where the character set does not have every character; of one that nobody knows, it has ASCII
 * @see PS3.5 §6.1
 */
export function encodeText(text: string, definedTerms: readonly string[], kind: TextKind): Buffer | undefined {
  const encoder = characterSetEncoder(definedTerms);
  if (encoder === undefined) return /^[\0-\x7f]*$/.test(text) ? Buffer.from(text, 'latin1') : undefined;
  const bytes = encoder.encode(text, kind);
  const reader = characterSetOf(definedTerms);
  return bytes !== undefined && reader.decode(bytes, kind) === text && reader.problems() === 0 ? bytes : undefined;
}
