import type { TextKind } from './character-set.ts';
import type { Vr } from './json-model.ts';
import { type ValueKind, vrTraits } from './vr-traits.ts';

const textKinds: Partial<Readonly<Record<ValueKind, TextKind>>> = {
  text: 'multi-value',
  'person-name': 'person-name',
  'long-text': 'text',
};

/** How values of a VR are written in a Specific Character Set. @returns undefined where it does not apply. PS3.5 §6.1.2.2 */
export function textKindOf(vr: Vr): TextKind | undefined {
  return textKinds[vrTraits(vr).kind];
}
