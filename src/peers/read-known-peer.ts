import { parseKnownPeer, peerDefaults } from './parse-known-peer.ts';
import type { KnownPeer, PeerOperation } from './peers.ts';

/** One that stands alone, or several by code extension; one of two bytes has one of single bytes in front. PS3.3 §C.12.1.1.2 */
const characterSet =
  /^(?:ISO_IR (?:6|13|100|101|109|110|126|127|138|144|148|166|192|203)|GB18030|GBK|(?:ISO 2022 IR (?:6|13|100|101|109|110|126|127|138|144|148|166|203))?(?:\\ISO 2022 IR (?:6|13|58|87|100|101|109|110|126|127|138|144|148|149|159|166|203)){0,8})$/;

/** What can be said of a peer in an object, and whether it is well said. */
const members: Readonly<Record<string, (value: unknown) => boolean>> = {
  aeTitle: isAeTitle,
  host: (value) => isText(value, /^[A-Za-z0-9.:_-]{1,255}$/),
  port: (value) => isWhole(value, 1, 65_535),
  tls: (value) => typeof value === 'boolean' || hasOnly(value, { checkHostName: (one) => typeof one === 'boolean' }),
  callingAeTitle: isAeTitle,
  userIdentity: (value) =>
    hasOnly(value, {
      userName: (name) => isText(name, /^.{1,64}$/),
      passcode: (passcode) => passcode === undefined || isText(passcode, /^.{1,1024}$/),
    }),
  may: (value) => isListOf(value, (one) => one === 'query' || one === 'retrieve' || one === 'store'),
  transferSyntaxes: (value) => isListOf(value, (one) => isText(one, /^[0-9.]{1,64}$/)),
  characterSets: (value) => isListOf(value, (one) => isText(one, characterSet)),
  onDifferentContent: (value) => value === 'reject' || value === 'replace' || value === 'keep',
  retrieveBy: (value) => value === 'auto' || value === 'get' || value === 'move',
  maxAssociations: (value) => isWhole(value, 1, 64),
};

/** As the checks above let it be. */
interface WrittenPeer {
  readonly aeTitle: string;
  readonly host: string;
  readonly port?: number;
  readonly tls?: boolean | { readonly checkHostName: boolean };
  readonly callingAeTitle?: string;
  readonly userIdentity?: { readonly userName: string; readonly passcode?: string };
  readonly may?: readonly PeerOperation[];
  readonly transferSyntaxes?: readonly string[];
  readonly characterSets?: readonly string[];
  readonly onDifferentContent?: NonNullable<KnownPeer['onDifferentContent']>;
  readonly retrieveBy?: KnownPeer['retrieveBy'];
  readonly maxAssociations?: number;
}

/** Reads a peer as `parseKnownPeer` does, or an object as `/api/peers` takes it. @returns undefined for what is none */
export function readKnownPeer(value: unknown): KnownPeer | undefined {
  if (typeof value === 'string') return parseKnownPeer(value);
  if (!isWrittenPeer(value)) return undefined;
  const { tls = false, userIdentity, transferSyntaxes = [], ...peer } = value;
  return {
    ...peerDefaults,
    ...peer,
    tls: typeof tls === 'object' ? tls : tls ? { checkHostName: true } : undefined,
    user: userIdentity && { name: userIdentity.userName, passcode: userIdentity.passcode },
    transferSyntaxUids: transferSyntaxes,
  };
}

function isWrittenPeer(value: unknown): value is WrittenPeer {
  if (!isObject(value) || value['aeTitle'] === undefined || value['host'] === undefined) return false;
  return Object.entries(value).every(([name, member]) => Object.hasOwn(members, name) && members[name]!(member));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether every check holds and nothing else is there. */
function hasOnly(value: unknown, checks: Readonly<Record<string, (value: unknown) => boolean>>): boolean {
  if (!isObject(value) || !Object.keys(value).every((name) => Object.hasOwn(checks, name))) return false;
  return Object.entries(checks).every(([name, check]) => check(value[name]));
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isAeTitle(value: unknown): boolean {
  return isText(value, /^(?! )[ -[\]-~]{1,16}(?<! )$/);
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isListOf(value: unknown, check: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= 32 && value.every(check);
}
