import { Buffer } from 'node:buffer';
import { characterSetOf } from './character-set.ts';

/**
 * Writes text in a Specific Character Set (0008,0005) of single bytes, in UTF-8 or in ASCII.
 * @returns undefined where the character set has no such characters, or needs code extensions for them
 * @see PS3.5 §6.1
 */
export function encodeText(text: string, definedTerms: readonly string[]): Buffer | undefined {
  if (/^[\0-\x7f]*$/.test(text)) return Buffer.from(text, 'latin1');
  const characterSet = characterSetOf(definedTerms);
  const utf8 = Buffer.from(text, 'utf8');
  if (characterSet.decode(utf8, 'text') === text && characterSet.problems() === 0) return utf8;
  const bytes = new Map<string, number>();
  for (let byte = 0xa0; byte <= 0xff; byte++) bytes.set(characterSet.decode(Buffer.of(byte), 'text'), byte);
  const encoded = Array.from(text, (character) => bytes.get(character) ?? character.codePointAt(0)!);
  if (encoded.some((byte, at) => byte > 0xff || (byte > 0x7f && !bytes.has(Array.from(text)[at]!)))) return undefined;
  const single = Buffer.from(encoded);
  const reader = characterSetOf(definedTerms);
  return reader.decode(single, 'text') === text && reader.problems() === 0 ? single : undefined;
}
