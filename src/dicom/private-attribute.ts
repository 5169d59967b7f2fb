import type { DicomJson } from './json-model.ts';
import { tagHex } from './tag-hex.ts';

/** A private attribute, whichever block its creator has reserved in a data set (PS3.5 §7.8.1). */
export interface PrivateAttribute {
  readonly group: number;
  /** Its number in the block, 0 to 255. */
  readonly element: number;
  readonly creator: string;
}

/** Reads `0019,xx0C SIEMENS MR HEADER`. @returns undefined if it is not written so */
export function parsePrivateAttribute(text: string): PrivateAttribute | undefined {
  const [, group, element, creator] =
    /^([0-9A-F]{3}[13579BDF]),xx([0-9A-F]{2}) ([!-~](?:[ -~]{0,62}[!-~])?)$/i.exec(text) ?? [];
  if (group === undefined || element === undefined || creator === undefined) return undefined;
  return { group: Number.parseInt(group, 16), element: Number.parseInt(element, 16), creator };
}

/** Whether an attribute says who has reserved a block: (gggg,0010) to (gggg,00FF) of an odd group (PS3.5 §7.8.1). */
export function isPrivateCreator(tag: number): boolean {
  const element = tag & 0xffff;
  return ((tag >>> 16) & 1) === 1 && element >= 0x10 && element <= 0xff;
}

/** Who has reserved the block of a private attribute. @param dataSet what it stands in, as far as it was read */
export function creatorOf(tag: number, dataSet: DicomJson): string | undefined {
  const block = (tag >>> 8) & 0xff;
  if (((tag >>> 16) & 1) === 0 || block < 0x10) return undefined;
  const creator = dataSet[tagHex(((tag & 0xffff0000) >>> 0) + block)]?.Value?.[0];
  return typeof creator === 'string' ? creator : undefined;
}
