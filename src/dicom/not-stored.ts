/** How C-STORE and STOW-RS of ours begin, and C-STORE of earlier versions. */
const ownWords = /^(?:Not stored: |Discarded: other content under this UID is kept)/;

/** B006: elements were discarded. PS3.4 table B.2-1 */
const elementsDiscarded = 0xb006;

/**
 * Whether a warning means that nothing was stored: servers that keep other content under a UID answer so, as the instance need
 * not be sent again, which Causeway does in words of its own. Of other receivers B006 means what it says, such as "Discarded private elements".
 * @param status of C-STORE, or Warning Reason of STOW-RS @param comment Error Comment (0000,0902)
 */
export function saysNotStored(status: number, comment: string | undefined): boolean {
  return status === elementsDiscarded && ownWords.test(comment ?? '');
}
