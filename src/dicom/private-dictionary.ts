import { dictionaryLines } from './dictionary-source.ts';
import type { Vr } from './json-model.ts';
import { isVr } from './vr-traits.ts';

/** VRs by creator, group and the last two digits of the element. */
type PrivateDictionary = ReadonlyMap<string, Vr>;

/** Not in dcmjs' dictionary, and asked for by viewers: standardised uptake values, diffusion, mosaics. */
const supplement: readonly (readonly [group: number, creator: string, element: number, vr: Vr])[] = [
  [0x0009, 'GEMS_PETD_01', 0x0d, 'DT'],
  [0x0019, 'SIEMENS MR HEADER', 0x0a, 'US'],
  [0x0019, 'SIEMENS MR HEADER', 0x0c, 'IS'],
  [0x0019, 'SIEMENS MR HEADER', 0x0d, 'CS'],
  [0x0019, 'SIEMENS MR HEADER', 0x0e, 'FD'],
  [0x0019, 'SIEMENS MR HEADER', 0x27, 'FD'],
  [0x0019, 'SIEMENS MR HEADER', 0x29, 'FD'],
  [0x7053, 'Philips PET Private Group', 0x00, 'DS'],
  [0x7053, 'Philips PET Private Group', 0x09, 'DS'],
];

let loaded: PrivateDictionary | undefined;

function load(): PrivateDictionary {
  const vrs = new Map<string, Vr>();
  for (const [key, { vr }] of dictionaryLines()) {
    const parts = /^\(([0-9a-f]{4}),"(.+)",([0-9a-f]{2})\)$/.exec(key);
    if (!parts || vr === undefined || !isVr(vr)) continue;
    vrs.set(keyOf(Number.parseInt(parts[1]!, 16), parts[2]!, Number.parseInt(parts[3]!, 16)), vr);
  }
  for (const [group, creator, element, vr] of supplement) vrs.set(keyOf(group, creator, element), vr);
  return vrs;
}

function keyOf(group: number, creator: string, element: number): string {
  return `${group} ${element} ${creator}`;
}

/**
 * The VR of a private attribute that vendors have published, for data sets that do not say it: viewers need numbers
 * such as Philips' SUV factor as numbers.
 * @param creator value of the Private Creator of its block
 */
export function privateVr(tag: number, creator: string): Vr | undefined {
  loaded ??= load();
  return loaded.get(keyOf(tag >>> 16, creator, tag & 0xff));
}
