import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { valueAt, valueOfNamesake, withValue } from './json-pointer.ts';
import type { Faults } from './validate.ts';

/** A document that is being edited, by JSON Pointer. */
export interface Draft {
  read(pointer: string): unknown;
  write(pointer: string, value: unknown): void;
  /** What the draft began with there. */
  before(pointer: string): unknown;
  /** Of what is missing, only where somebody has been, or has tried to save. */
  faultAt(pointer: string): string | undefined;
  /** Somebody has been at the field. */
  touch(pointer: string): void;
}

/** Where the one who fills in a form has been: what is missing elsewhere is no fault yet. */
interface Attention {
  has(pointer: string): boolean;
  /** Whether all that is missing is to be shown. */
  readonly isEverywhere: boolean;
  touch(pointer: string): void;
  /** Somebody has tried to save. */
  everywhere(): void;
  forget(): void;
}

const nowhere: ReadonlySet<string> = new Set();

export function useAttention(): Attention {
  const [touched, setTouched] = useState(nowhere);
  const [isEverywhere, setEverywhere] = useState(false);
  return useMemo(
    () => ({
      has: (pointer) => isEverywhere || touched.has(pointer),
      isEverywhere,
      touch: (pointer) => setTouched((now) => (now.has(pointer) ? now : new Set([...now, pointer]))),
      everywhere: () => setEverywhere(true),
      forget: () => {
        setTouched(nowhere);
        setEverywhere(false);
      },
    }),
    [touched, isEverywhere],
  );
}

const DraftContext = createContext<Draft | undefined>(undefined);

interface DraftProviderProps {
  readonly document: unknown;
  /** What it began as, if there is anything to go back to. */
  readonly base?: unknown;
  readonly faults: Faults;
  readonly attention: Attention;
  readonly change: (next: (document: unknown) => unknown) => void;
  readonly children: ReactNode;
}

export function DraftProvider({ document, base, faults, attention, change, children }: DraftProviderProps) {
  const draft = useMemo<Draft>(
    () => ({
      read: (pointer) => valueAt(document, pointer),
      before: (pointer) => valueOfNamesake(base, document, pointer),
      write: (pointer, value) => {
        change((now) => withValue(now, pointer, value));
        attention.touch(pointer);
      },
      faultAt: (pointer) =>
        attention.has(pointer) || valueAt(document, pointer) !== undefined ? faults.get(pointer) : undefined,
      touch: attention.touch,
    }),
    [document, base, faults, attention, change],
  );
  return <DraftContext value={draft}>{children}</DraftContext>;
}

export function useDraft(): Draft {
  const draft = useContext(DraftContext);
  if (draft === undefined) throw new Error('There is no draft around this field.');
  return draft;
}
