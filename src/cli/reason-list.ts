import { counted } from './terminal.ts';

/** Names of files by the reason why they are told about. Bounded, however many files there are. */
export interface ReasonList {
  /** @param kind files of one kind are listed together, under the words of the first of them */
  note(kind: string, words: string, name: string): void;
  readonly isEmpty: boolean;
  /** For people, indented. */
  lines(): string[];
}

interface Reason {
  readonly words: string;
  readonly names: string[];
  count: number;
}

export function createReasonList({ maxReasons = 50, maxNames = 20 } = {}): ReasonList {
  const reasons = new Map<string, Reason>();
  const others: Reason = { words: 'For other reasons', names: [], count: 0 };

  function reasonOf(kind: string, words: string): Reason {
    const known = reasons.get(kind);
    if (known) return known;
    if (reasons.size >= maxReasons) return others;
    const reason: Reason = { words, names: [], count: 0 };
    reasons.set(kind, reason);
    return reason;
  }

  return {
    note(kind, words, name) {
      const reason = reasonOf(kind, words);
      reason.count++;
      if (reason.names.length < maxNames) reason.names.push(name);
    },
    get isEmpty() {
      return reasons.size === 0;
    },
    lines: () =>
      [...reasons.values(), ...(others.count > 0 ? [others] : [])].flatMap(({ words, names, count }) => [
        `  ${words} (${counted(count, 'file')})`,
        ...names.map((name) => `    ${name}`),
        ...(count > names.length ? [`    … and ${counted(count - names.length, 'more', 'more')}`] : []),
      ]),
  };
}
