import { answered, api } from '../api.ts';

/** A place above what was deleted, and whether there is anything there. */
export interface PlaceAbove {
  readonly to: string;
  readonly isThere: () => Promise<boolean>;
}

/**
 * Where one is when something was deleted: a series or study goes with the last that was in it.
 * @param above from the nearest up
 * @param top what is always there
 */
export async function placeThatIsLeft(above: readonly PlaceAbove[], top: string): Promise<string> {
  for (const { to, isThere } of above) {
    // Where nobody answers, it is for the place itself to say so.
    if (await isThere().catch(() => true)) return to;
  }
  return top;
}

/** Above a series, or above an instance. Asked for what is in them, as asking for what is gone would be an error. */
export function placesAbove(study: string, series: string | undefined): PlaceAbove[] {
  const hasSome = async (reading: Promise<{ readonly items: readonly unknown[] }>) => (await reading).items.length > 0;
  const ofStudy = {
    to: `/status/studies/${study}`,
    isThere: () => hasSome(answered(api.GET('/api/series', { params: { query: { study, limit: 1 } } }))),
  };
  if (series === undefined) return [ofStudy];
  const query = { study, series, limit: 1 };
  return [
    {
      to: `/status/series/${series}`,
      isThere: () => hasSome(answered(api.GET('/api/images', { params: { query } }))),
    },
    ofStudy,
  ];
}
