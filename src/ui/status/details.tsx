import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { intervals } from '../intervals.ts';
import { Failure } from '../shared/failure.tsx';
import { Loading } from '../shared/loading.tsx';

interface DetailsProps<Thing> {
  readonly kind: string;
  readonly id: string;
  readonly read: () => Promise<Thing>;
  /** It goes on by itself, also where no event tells of it: is read again every few seconds. */
  readonly isUnderWay?: (thing: Thing) => boolean;
  readonly children: (thing: Thing) => ReactNode;
}

/** A thing that is read, or the reason why it is not there. */
export function Details<Thing>({ kind, id, read, isUnderWay, children }: DetailsProps<Thing>) {
  const { data, error, refetch } = useQuery({
    queryKey: [kind, id],
    queryFn: read,
    refetchInterval: ({ state }) => state.data !== undefined && isUnderWay?.(state.data) === true && intervals.underWay,
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return children(data);
}
