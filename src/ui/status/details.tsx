import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { dicomweb, fetched } from '../api.ts';
import { intervals } from '../intervals.ts';
import { ConfirmButton } from '../shared/confirm-button.tsx';
import { Failure } from '../shared/failure.tsx';
import { Loading } from '../shared/loading.tsx';
import { strings } from '../strings.ts';

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

interface DeleteButtonProps {
  readonly what: string;
  readonly question: string;
  /** Below DICOMweb. */
  readonly path: string;
  /** Where one is when it is gone. */
  readonly up: string;
}

export function DeleteButton({ what, question, path, up }: DeleteButtonProps) {
  const navigate = useNavigate();
  return (
    <ConfirmButton
      label={strings.actions.delete}
      icon={<Trash2 size={16} aria-hidden="true" />}
      title={strings.actions.deleteTitle(what)}
      question={question}
      act={() => fetched(dicomweb(path), { method: 'DELETE' })}
      then={() => void navigate(up)}
    />
  );
}
