import { Badge } from '@mantine/core';
import type { Schemas } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { strings } from '../strings.ts';

type State = 'INITIAL' | 'SUCCESS' | 'FAILED';

const ofStatus = {
  INITIAL: colors.waiting,
  SUCCESS: colors.good,
  FAILED: colors.bad,
  RUNNING: colors.running,
} as const;

/** A word and a colour; the word alone says it. */
export function Status({ status, running = false }: { readonly status: State; readonly running?: boolean }) {
  const shown = running && status === 'INITIAL' ? 'RUNNING' : status;
  return (
    <Badge color={ofStatus[shown]} variant="filled" size="md">
      {strings.statuses[shown]}
    </Badge>
  );
}

const ofResult = {
  stored: colors.good,
  'left-out': colors.waiting,
  refused: colors.bad,
  missing: colors.doubtful,
} as const;

/** What became of something that came back. */
export function BecameOf({ status }: { readonly status: Schemas['PublishingResult']['status'] }) {
  return <Badge color={ofResult[status]}>{strings.becameOf[status]}</Badge>;
}

/** How the forwarding of something stands, the worst of all publishers; nothing where it goes nowhere. */
export function Forwarded({ forwarding }: { readonly forwarding: Schemas['Forwarding'] }) {
  const { INITIAL, SUCCESS, FAILED } = forwarding;
  if (INITIAL + SUCCESS + FAILED === 0) return null;
  return (
    <span title={strings.forwarded(SUCCESS, INITIAL, FAILED)}>
      <Status status={FAILED > 0 ? 'FAILED' : INITIAL > 0 ? 'INITIAL' : 'SUCCESS'} />
    </span>
  );
}

interface ProgressProps {
  readonly done: number;
  readonly total: number;
  /** Instances that could have been selected. */
  readonly of?: number;
}

export function Progress({ done, total, of }: ProgressProps) {
  const said = strings.progress(wholeNumber(done), wholeNumber(total));
  return (
    <span className="nowrap" title={of === undefined ? undefined : strings.selectedOf(total, of)}>
      {total > 0 && done < total && (
        <progress className="bar" value={done} max={total} aria-label={said}>
          {said}
        </progress>
      )}
      {said}
    </span>
  );
}
