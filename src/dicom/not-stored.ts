/** B006: elements were discarded. PS3.4 table B.2-1 */
const elementsDiscarded = 0xb006;

/**
 * Whether a warning means that nothing was stored: servers that keep other content under a UID answer so, as the instance need
 * not be sent again, which Causeway does with a comment that begins so. Of other receivers B006 means what it says.
 * @param status of C-STORE, or Warning Reason of STOW-RS @param comment Error Comment (0000,0902)
 */
export function saysNotStored(status: number, comment: string | undefined): boolean {
  return status === elementsDiscarded && /^(Not stored|Discarded)\b/i.test(comment ?? '');
}
