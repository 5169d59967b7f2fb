import { type CharacterSetEncoder, characterSetEncoder } from '../../dicom/character-set-encoder.ts';
import type { Peers } from '../../peers/peers.ts';

/**
 * In which character sets a caller would have its answers, the best first: that which its request names, then those that it
 * is known to understand.
 * @param definedTerms values of Specific Character Set (0008,0005) of its request
 * @see PS3.4 §C.4.1.1.3.2
 */
export async function answerCharacterSets(
  peers: Pick<Peers, 'all'>,
  callingAeTitle: string,
  definedTerms: readonly string[],
): Promise<readonly CharacterSetEncoder[]> {
  const known = (await peers.all()).find(
    ({ aeTitle, characterSets }) => aeTitle === callingAeTitle && characterSets.length > 0,
  );
  const understood = known?.characterSets.map((terms) => terms.split('\\')) ?? [];
  const named = definedTerms.some((term) => term.trim() !== '') ? [definedTerms] : [];
  return [...named, ...understood].flatMap((terms) => characterSetEncoder(terms) ?? []);
}
