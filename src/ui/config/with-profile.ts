/**
 * What a choice of the profile makes of the de-identification. A publisher that does as the site has none of its own: what would
 * stay of one, lists without a profile, would be one that is turned off.
 * @param profile '' for as the site
 */
export function withProfile(deidentify: unknown, profile: string, ofPublisher: boolean): object | undefined {
  if (profile === '') return undefined;
  // Without a profile there is nothing to add to or take from.
  if (ofPublisher && profile === 'none') return { profile };
  return { ...(deidentify as object | undefined), profile };
}
