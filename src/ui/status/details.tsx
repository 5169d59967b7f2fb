import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure } from '../shared/failure.tsx';
import { Loading } from '../shared/loading.tsx';

interface DetailsProps<Thing> {
  readonly kind: string;
  readonly id: string;
  readonly read: () => Promise<Thing>;
  readonly children: (thing: Thing) => ReactNode;
}

/** A thing that is read, or the reason why it is not there. */
export function Details<Thing>({ kind, id, read, children }: DetailsProps<Thing>) {
  const { data, error, refetch } = useQuery({ queryKey: [kind, id], queryFn: read });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  return children(data);
}
