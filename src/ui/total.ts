import { wholeNumber } from './format.ts';
import { strings } from './strings.ts';

/** How many rows there are on all pages, as far as they were counted. */
export interface Total {
  readonly total: number;
  /** False where there are more, or nobody knows how many. */
  readonly totalIsExact?: boolean;
}

/** @param seen rows that were read: where no more were counted, nothing is known of how many there are, and undefined is returned */
export function totalInWords({ total, totalIsExact = true }: Total, seen: number): string | undefined {
  if (totalIsExact) return wholeNumber(total);
  return total > seen ? strings.moreThan(wholeNumber(total)) : undefined;
}
