import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { valueAt, withValue } from './json-pointer.ts';
import type { Faults } from './validate.ts';

/** A document that is being edited, by JSON Pointer. */
export interface Draft {
  read(pointer: string): unknown;
  write(pointer: string, value: unknown): void;
  faultAt(pointer: string): string | undefined;
}

const DraftContext = createContext<Draft | undefined>(undefined);

interface DraftProviderProps {
  readonly document: unknown;
  readonly faults: Faults;
  readonly change: (next: (document: unknown) => unknown) => void;
  readonly children: ReactNode;
}

export function DraftProvider({ document, faults, change, children }: DraftProviderProps) {
  const draft = useMemo<Draft>(
    () => ({
      read: (pointer) => valueAt(document, pointer),
      write: (pointer, value) => change((now) => withValue(now, pointer, value)),
      faultAt: (pointer) => faults.get(pointer),
    }),
    [document, faults, change],
  );
  return <DraftContext value={draft}>{children}</DraftContext>;
}

export function useDraft(): Draft {
  const draft = useContext(DraftContext);
  if (draft === undefined) throw new Error('There is no draft around this field.');
  return draft;
}
