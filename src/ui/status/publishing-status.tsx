import { Badge } from '@mantine/core';
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
