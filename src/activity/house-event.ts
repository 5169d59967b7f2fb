/** What happens in the house, for people who look on: no names of patients, nothing that anything depends on. */
export type HouseEvent = { readonly at: Date } & (
  | ({ readonly kind: 'association-accepted' } & Caller)
  | ({ readonly kind: 'association-rejected'; readonly reason: string } & Caller)
  | ({
      readonly kind: 'association-ended';
      /** As in the log: `released`, `aborted-by-peer` … */
      readonly outcome: string;
      readonly reason?: string;
    } & Caller)
  | ({ readonly kind: 'echo' } & Caller)
  | {
      readonly kind: 'instance';
      readonly door: string;
      readonly callingAeTitle?: string;
      readonly address?: string;
      readonly outcome: 'stored' | 'duplicate' | 'replaced' | 'kept' | 'refused';
      /** Why it was refused. */
      readonly reason?: string;
      /** Of the file, as far as it came. */
      readonly bytes: number;
      readonly studyInstanceUid?: string;
      readonly seriesInstanceUid?: string;
      readonly sopInstanceUid?: string;
    }
  | { readonly kind: 'graph'; readonly graph: string; readonly status: string }
  | { readonly kind: 'task'; readonly graph: string; readonly task: string; readonly status: string }
  | { readonly kind: 'configuration'; readonly version: number }
);

interface Caller {
  /** Association id, as in the log. */
  readonly association: string;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly address: string;
}

/** One that the teller need not date. */
export type Happening = HouseEvent extends infer E ? (E extends HouseEvent ? Omit<E, 'at'> : never) : never;
