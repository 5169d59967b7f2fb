import { type ConfidentialityOption, confidentialityAction } from '../../src/dicom/confidentiality-profile.ts';
import type { DicomJson, DicomJsonElement, PersonNameValue } from '../../src/dicom/json-model.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';

const noOptions: ReadonlySet<ConfidentialityOption> = new Set();

/** What must not be anywhere, whatever else it may say: names, ids, days and UIDs of patient, study, series, instance. */
const identifiers = ['00080018', '00080050', '00100010', '00100020', '00100030', '0020000D', '0020000E'];
const shortestSecret = 4;
/** Every attribute with a value of its own, those of items too. */
export function* leaves(dataSet: DicomJson): Generator<[tag: string, element: DicomJsonElement]> {
  for (const [tag, element] of Object.entries(dataSet)) {
    if (element.vr !== 'SQ') yield [tag, element];
    else for (const item of (element.Value ?? []) as DicomJson[]) yield* leaves(item);
  }
}

function textsOf({ vr, Value }: DicomJsonElement): string[] {
  return (Value ?? []).flatMap((value) => {
    if (vr === 'PN') return Object.values((value ?? {}) as PersonNameValue).map(String);
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  });
}

export function actionOn(tag: string, { vr }: DicomJsonElement, options = noOptions) {
  return confidentialityAction(Number.parseInt(tag, 16), vr, options);
}

/** What of a file is not pixels, as text in which each byte is a character. */
export function withoutPixels(bytes: Buffer, { bulk }: ScannedInstance): string {
  const pixels = bulk.find(({ path }) => path === '7FE00010');
  if (!pixels) return bytes.toString('latin1');
  return bytes.toString('latin1', 0, pixels.offset) + bytes.toString('latin1', pixels.offset + pixels.length);
}

/** Values of the original that were to go and can be told from what was to stay. */
export function secretsOf({ attributes }: ScannedInstance, options = noOptions): Set<string> {
  // Times of day stay where days are moved.
  const isKeptAs = (tag: string, element: DicomJsonElement) => {
    const action = actionOn(tag, element, options);
    return action === 'K' || (action === 'M' && element.vr === 'TM');
  };
  const kept: string[] = [];
  const secret = new Set<string>();
  for (const [tag, element] of leaves(attributes)) {
    if (isKeptAs(tag, element)) kept.push(...textsOf(element));
  }
  const stays = kept.join('\n');
  for (const [tag, element] of leaves(attributes)) {
    if (isKeptAs(tag, element)) continue;
    for (const text of textsOf(element)) {
      const isKept = stays.includes(text) && !identifiers.includes(tag);
      const isOurs = 'ANONYMIZED 19000101000000'.includes(text) || text.startsWith('1.2.840.10008.');
      if (text.length >= shortestSecret && !isKept && !isOurs) secret.add(text);
    }
  }
  return secret;
}

/** Few digits are in many a number: they count where they stand alone. */
export function isIn(text: string, secret: string): boolean {
  if (/^[\d.]{1,7}$/.test(secret)) {
    return new RegExp(`(?<![\\d.])${secret.replaceAll('.', '\\.')}(?![\\d.])`).test(text);
  }
  return text.includes(secret) || text.includes(Buffer.from(secret).toString('latin1'));
}
