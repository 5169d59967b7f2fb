/** Where the data set goes that is on its way. */
export interface Receiving {
  readonly contextId: number;
  /** Undefined where it is passed over. */
  write?(bytes: Buffer): Promise<void> | undefined;
  end(): Promise<void> | undefined;
  abort?(): Promise<void>;
}
