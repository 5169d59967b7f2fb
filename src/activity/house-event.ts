/** What happens in the house, for people who look on: no names of patients, nothing that anything depends on. */
export type HouseEvent = {
  /** Of this process only; the next is the next of it. */
  readonly id: string;
  readonly at: Date;
} & (
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
  | {
      /** A study, a series or an instance is gone, with all that was below it. */
      readonly kind: 'deleted';
      readonly studyInstanceUid: string;
      readonly seriesInstanceUid?: string;
      readonly sopInstanceUid?: string;
    }
  | {
      /** Instances of a study have other attributes than they had. */
      readonly kind: 'corrected';
      readonly studyInstanceUid: string;
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

/** One that the teller need not date or number. */
export type Happening = HouseEvent extends infer E ? (E extends HouseEvent ? Omit<E, 'at' | 'id'> : never) : never;
