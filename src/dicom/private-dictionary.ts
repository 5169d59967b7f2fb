import dcmjsDictionary from 'dcmjs/dictionary';
import type { Vr } from './json-model.ts';
import { isVr } from './vr-traits.ts';

/** VRs by creator, group and the last two digits of the element. */
type PrivateDictionary = ReadonlyMap<string, Vr>;

let loaded: PrivateDictionary | undefined;

function load(): PrivateDictionary {
  const vrs = new Map<string, Vr>();
  for (const [key, { vr }] of Object.entries(dcmjsDictionary)) {
    const parts = /^\(([0-9a-f]{4}),"(.+)",([0-9a-f]{2})\)$/.exec(key);
    if (!parts || vr === undefined || !isVr(vr)) continue;
    vrs.set(keyOf(Number.parseInt(parts[1]!, 16), parts[2]!, Number.parseInt(parts[3]!, 16)), vr);
  }
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
