import type { Schemas } from '../api.ts';

type HouseEvent = Schemas['HouseEvent'];

/** A line of what arrives: a modality sends hundreds over one association, those of the same fate are one. */
export interface Arrived {
  /** Stays while others come. */
  readonly id: string;
  /** The last of them. */
  readonly event: HouseEvent;
  readonly count: number;
}

/** What comes later is another sending. */
const sameSendingMs = 60_000;
const most = 60;
const kinds: ReadonlySet<string> = new Set(['association-accepted', 'association-rejected', 'echo', 'instance']);

/** @param lines the newest first @returns the same where it is nothing that arrives */
export function withArrival(lines: readonly Arrived[], event: HouseEvent): readonly Arrived[] {
  if (!kinds.has(event.kind)) return lines;
  // Several may send at the same time.
  const same = event.kind === 'instance' ? lines.find((line) => isSame(line.event, event)) : undefined;
  if (same === undefined) return [{ id: event.id, event, count: 1 }, ...lines].slice(0, most);
  return [{ id: same.id, event, count: same.count + 1 }, ...lines.filter((line) => line !== same)];
}

function isSame(one: HouseEvent, other: HouseEvent): boolean {
  return (
    one.kind === other.kind &&
    one.association === other.association &&
    one.callingAeTitle === other.callingAeTitle &&
    one.address === other.address &&
    one.door === other.door &&
    one.outcome === other.outcome &&
    one.reason === other.reason &&
    Date.parse(other.at) - Date.parse(one.at) < sameSendingMs
  );
}
