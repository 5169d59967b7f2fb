/** Status (0000,0900) values that any service may answer. PS3.7 annex C. */
export const status = {
  success: 0x0000,
  invalidAttributeValue: 0x0106,
  processingFailure: 0x0110,
  duplicateSopInstance: 0x0111,
  noSuchSopInstance: 0x0112,
  invalidSopInstance: 0x0117,
  missingAttribute: 0x0120,
  missingAttributeValue: 0x0121,
  sopClassNotSupported: 0x0122,
  noSuchActionType: 0x0123,
  notAuthorized: 0x0124,
  duplicateInvocation: 0x0210,
  unrecognizedOperation: 0x0211,
  mistypedArgument: 0x0212,
  resourceLimitation: 0x0213,
} as const;

/** Error Comment (0000,0902) is an LO: at most 64 characters of the default repertoire, and no backslash. */
export function errorComment(message: string): string {
  const plain = message.replace(/[^\x20-\x7e]|\\/g, '?').trim();
  return plain.length <= 64 ? plain : `${plain.slice(0, 61)}...`;
}

/** Four hexadecimal digits, as the Standard writes a status. */
export function statusText(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}

/** Done, but for what the Error Comment says. PS3.7 annex C.3. */
export function isWarning(code: number): boolean {
  return (code & 0xf000) === 0xb000;
}
