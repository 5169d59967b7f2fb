import { useIsMutating, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { intervals } from '../intervals.ts';
import { deleting } from '../refresh-queries.ts';
import { Read } from '../shared/read.tsx';

interface DetailsProps<Thing> {
  readonly kind: string;
  readonly id: string;
  readonly read: (signal: AbortSignal) => Promise<Thing>;
  /** It goes on by itself: is read again every few seconds. */
  readonly isUnderWay?: (thing: Thing) => boolean;
  readonly children: (thing: Thing) => ReactNode;
}

/** A thing that is read, or the reason why it is not there. */
export function Details<Thing>({ kind, id, read, isUnderWay, children }: DetailsProps<Thing>) {
  // What is gone would be an error.
  const isBeingDeleted = useIsMutating({ mutationKey: deleting }) > 0;
  const query = useQuery({
    queryKey: [kind, id],
    queryFn: ({ signal }) => read(signal),
    refetchInterval: ({ state: { data } }) => {
      if (isBeingDeleted) return false;
      return data !== undefined && isUnderWay?.(data) === true ? intervals.underWay : intervals.tables;
    },
  });
  return <Read query={query}>{children}</Read>;
}
