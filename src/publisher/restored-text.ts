/** What pseudonyms in a text stand for. */
export interface TextOriginals {
  /** Originals of UIDs, by their pseudonyms. */
  readonly uids: ReadonlyMap<string, string>;
  /** What patient name and id are called outside, and here. */
  readonly patient: { readonly name: string; readonly id: string };
  readonly original: { readonly name: string; readonly id: string };
  /** Days as they were, by what they are moved to; eight digits. */
  readonly days: ReadonlyMap<string, string>;
}

const uid = /\b[0-2](?:\.(?:0|[1-9]\d*)){2,}\b/g;
const day = /(?<![\d.])(\d{4})(-?)(\d{2})\2(\d{2})(?![\d.]\d|\d)/g;
/** Different UIDs of a text that are looked up. */
const maxUids = 10_000;

/** UIDs that a text names, each once. */
export function uidsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(uid)?.slice(0, maxUids));
}

/**
 * A text with originals in the place of pseudonyms: UIDs; the name of the patient with carets or blanks, and the id; days as
 * YYYYMMDD and YYYY-MM-DD.
 * @param written how what is put in has to be written in a text of its kind
 */
export function restoredText(
  text: string,
  { uids, patient, original, days }: TextOriginals,
  written: (value: string) => string,
): string {
  const spaced = (name: string) => name.replaceAll('^', ' ');
  const words = new Map([
    [patient.name, original.name],
    [spaced(patient.name), spaced(original.name)],
    [patient.id, original.id],
  ]);
  return [...words]
    .reduce((left, [pseudonym, name]) => left.replaceAll(pseudonym, () => written(name)), text)
    .replace(uid, (found) => uids.get(found) ?? found)
    .replace(day, (found, year: string, dash: string, month: string, date: string) => {
      const before = days.get(`${year}${month}${date}`);
      if (before === undefined) return found;
      return [before.slice(0, 4), before.slice(4, 6), before.slice(6)].join(dash);
    });
}
