import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { intervals } from '../intervals.ts';
import { Read } from '../shared/read.tsx';

interface DetailsProps<Thing> {
  readonly kind: string;
  readonly id: string;
  readonly read: (signal: AbortSignal) => Promise<Thing>;
  /** It goes on by itself, also where no event tells of it: is read again every few seconds. */
  readonly isUnderWay?: (thing: Thing) => boolean;
  readonly children: (thing: Thing) => ReactNode;
}

/** A thing that is read, or the reason why it is not there. */
export function Details<Thing>({ kind, id, read, isUnderWay, children }: DetailsProps<Thing>) {
  const query = useQuery({
    queryKey: [kind, id],
    queryFn: ({ signal }) => read(signal),
    refetchInterval: ({ state }) => state.data !== undefined && isUnderWay?.(state.data) === true && intervals.underWay,
  });
  return <Read query={query}>{children}</Read>;
}
