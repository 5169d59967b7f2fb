import { CausewayError } from '../../kernel/errors.ts';

export const grayscaleSoftcopy = '1.2.840.10008.5.1.4.1.1.11.1';
export const colorSoftcopy = '1.2.840.10008.5.1.4.1.1.11.2';

const notApplied: Readonly<Record<string, string>> = {
  '1.2.840.10008.5.1.4.1.1.11.3': 'Pseudo-Color',
  '1.2.840.10008.5.1.4.1.1.11.4': 'Blending',
  '1.2.840.10008.5.1.4.1.1.11.5': 'XA/XRF Grayscale',
  '1.2.840.10008.5.1.4.1.1.11.8': 'Advanced Blending',
  '1.2.840.10008.5.1.4.1.1.11.12': 'Variable Modality LUT',
};

/** Whether a SOP Class is one of the presentation states, applied here or not (PS3.4 Annex N and its successors). */
export function isPresentationState(sopClassUid: string): boolean {
  return sopClassUid.startsWith('1.2.840.10008.5.1.4.1.1.11.');
}

/** @throws CausewayError `cannot-render` for presentation states that do more than show single images, gray or in true colour */
export function requireAppliedState(sopClassUid: string): void {
  if (sopClassUid === grayscaleSoftcopy || sopClassUid === colorSoftcopy) return;
  const kind = notApplied[sopClassUid] ?? `SOP Class ${sopClassUid}`;
  const message = `Presentation states of this kind (${kind}) are not applied here, only Grayscale and Color Softcopy Presentation States.`;
  throw new CausewayError('cannot-render', message, { details: { tag: '00080016' } });
}
