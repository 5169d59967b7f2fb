/** SR documents, Key Object Selections among them (PS3.3 §A.35), and the one report that is numbered elsewhere. */
export function isReport({ sopClassUid }: { readonly sopClassUid: string }): boolean {
  return sopClassUid.startsWith('1.2.840.10008.5.1.4.1.1.88.') || sopClassUid === '1.2.840.10008.5.1.4.1.1.79.1';
}
