import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { apiUrl, type Schemas } from './api.ts';
import { type Arrived, withArrival } from './home/arrivals.ts';
import { outdated } from './outdated.ts';
import { createQueryRefresher } from './refresh-queries.ts';

type HouseEvent = Schemas['HouseEvent'];

/** What the page hears of while it is open; older events are forgotten. */
interface Heard {
  readonly connected: boolean;
  /** The newest first. */
  readonly arrivals: readonly Arrived[];
  /** Events that happened too fast to be told. */
  readonly missed: number;
}

const retryMs = 5_000;
/** Past events to begin with. */
const recent = 50;

const everything: ReadonlySet<string> = new Set(Object.values(outdated).flat());

let heard: Heard = { connected: false, arrivals: [], missed: 0 };
const listeners = new Set<() => void>();

function tell(next: Partial<Heard>): void {
  heard = { ...heard, ...next };
  for (const listener of listeners) listener();
}

/**
 * Follows the events of the server for as long as the page is looked at: browsers have six connections to a server, of all tabs
 * together. @returns stops
 */
export function followEvents(queries: QueryClient): () => void {
  const refresher = createQueryRefresher(queries);
  let retry: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  let lastId: string | undefined;
  let wasConnected = false;
  /** The last number of each process that has told anything: a proxy may lead from one to the other and back. */
  const lastOf = new Map<string, number>();

  function isNew({ id }: HouseEvent): boolean {
    const [process = '', number] = id.split('-');
    if (Number(number) <= (lastOf.get(process) ?? 0)) return false;
    lastOf.set(process, Number(number));
    return true;
  }

  function open(): void {
    const after = lastId === undefined ? {} : { after: lastId };
    const query = new URLSearchParams({ recent: String(wasConnected ? 0 : recent), ...after });
    const opened = new EventSource(apiUrl(`api/events?${query}`));
    source = opened;
    opened.onopen = () => {
      // What happened while nobody listened may not be told: another node or process may answer.
      if (wasConnected) refresher.outdate(everything);
      wasConnected = true;
      tell({ connected: true });
    };
    opened.onerror = () => {
      tell({ connected: false });
      if (opened.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs);
    };
    opened.addEventListener('missed', ({ data }: MessageEvent<string>) => {
      tell({ missed: heard.missed + Number(data) });
      refresher.outdate(everything);
    });
    for (const [kind, kinds] of Object.entries(outdated)) {
      opened.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        const event = JSON.parse(data) as HouseEvent;
        if (!isNew(event)) return;
        lastId = event.id;
        const arrivals = withArrival(heard.arrivals, event);
        if (arrivals !== heard.arrivals) tell({ arrivals });
        refresher.outdate(new Set(kinds));
      });
    }
  }

  function close(): void {
    clearTimeout(retry);
    source?.close();
    source = undefined;
    tell({ connected: false });
  }

  function whetherLookedAt(): void {
    if (document.visibilityState === 'hidden') close();
    else if (source === undefined || source.readyState === EventSource.CLOSED) {
      clearTimeout(retry);
      open();
    }
  }

  document.addEventListener('visibilitychange', whetherLookedAt);
  whetherLookedAt();
  return () => {
    document.removeEventListener('visibilitychange', whetherLookedAt);
    refresher.stop();
    close();
  };
}

export function useHeard(): Heard {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => heard,
  );
}
