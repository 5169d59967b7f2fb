import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { apiUrl, type Schemas } from './api.ts';

export type HouseEvent = Schemas['HouseEvent'] & { readonly number: number };

/** What the page hears of while it is open; older events are forgotten. */
export interface Heard {
  readonly connected: boolean;
  /** The newest first. */
  readonly events: readonly HouseEvent[];
}

const kinds = [
  'association-accepted',
  'association-rejected',
  'association-ended',
  'echo',
  'instance',
  'graph',
  'task',
  'configuration',
] as const satisfies readonly Schemas['HouseEvent']['kind'][];

const kept = 200;
const retryMs = 5_000;
/** Tables are read again once for all that happens in so long. */
const refreshMs = 1_000;

/** What shows something else after an event. */
const outdated: Readonly<Record<(typeof kinds)[number], readonly string[]>> = {
  'association-accepted': [],
  'association-rejected': ['status'],
  'association-ended': [],
  echo: [],
  instance: ['status', 'images', 'series', 'studies', 'patients', 'deliveries'],
  graph: ['status', 'graphs', 'deliveries'],
  task: ['graphs', 'tasks', 'deliveries'],
  configuration: ['configuration', 'versions'],
};

let heard: Heard = { connected: false, events: [] };
let count = 0;
const listeners = new Set<() => void>();

function tell(next: Partial<Heard>): void {
  heard = { ...heard, ...next };
  for (const listener of listeners) listener();
}

/** Follows the events of the server for as long as the page is open. @returns stops */
export function followEvents(queries: QueryClient): () => void {
  const due = new Set<string>();
  let refresh: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  let wasConnected = false;

  function outdate(keys: readonly string[]): void {
    for (const key of keys) due.add(key);
    if (due.size === 0 || refresh !== undefined) return;
    refresh = setTimeout(() => {
      refresh = undefined;
      for (const key of due) void queries.invalidateQueries({ queryKey: [key] });
      due.clear();
    }, refreshMs);
  }

  function open(): void {
    source = new EventSource(apiUrl(`api/events?recent=${wasConnected ? 0 : 50}`));
    source.onopen = () => {
      // What happened while nobody listened is not told.
      if (wasConnected) void queries.invalidateQueries();
      wasConnected = true;
      tell({ connected: true });
    };
    source.onerror = () => {
      tell({ connected: false });
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, retryMs);
    };
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        const event = { ...(JSON.parse(data) as Schemas['HouseEvent']), number: ++count };
        tell({ events: [event, ...heard.events].slice(0, kept) });
        outdate(outdated[kind]);
      });
    }
  }

  open();
  return () => {
    clearTimeout(refresh);
    clearTimeout(retry);
    source?.close();
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
