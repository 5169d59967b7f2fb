/** The one erasure: index rows, blobs and cached pictures go together, crash or not, and the change feed records it. */
export interface Erase {
  /**
   * @param version erases an instance only if its file has this hash
   * @returns instances erased
   * @throws CausewayError `not-found` naming the level that is unknown, `gone` if it was erased before
   */
  erase(
    target: {
      readonly studyInstanceUid: string;
      readonly seriesInstanceUid?: string;
      readonly sopInstanceUid?: string;
    },
    version?: { readonly sha256: Buffer },
  ): Promise<number>;
  /**
   * Erases what was only fetched of a study from a peer, if nobody has asked for it since so long and no publisher has
   * anything to do with it. What anybody has stored here stays.
   * @returns instances erased
   */
  eraseFetched(studyInstanceUid: string, unaskedForMs: number): Promise<number>;
}
