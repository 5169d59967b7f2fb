/** File Meta Information is at the begin of a file, and small. */
const headBytes = 4096;

/** What a file says it is before it is sent: enough to tell answers apart; whether it is right is for the server to say. */
export type FileKind =
  | { readonly kind: 'instance'; readonly sopInstanceUid: string }
  | { readonly kind: 'zip' }
  | { readonly kind: 'unknown' };

/** Reads the first bytes of a file only (PS3.10 §7.1). */
export async function fileKind(file: File): Promise<FileKind> {
  const head = new DataView(await file.slice(0, headBytes).arrayBuffer());
  if (head.byteLength >= 4 && head.getUint32(0) === 0x504b0304) return { kind: 'zip' };
  if (head.byteLength < 140 || ascii(head, 128, 4) !== 'DICM') return { kind: 'unknown' };
  const sopInstanceUid = mediaStorageSopInstanceUid(head);
  return sopInstanceUid === undefined ? { kind: 'unknown' } : { kind: 'instance', sopInstanceUid };
}

/** (0002,0003), Explicit VR Little Endian. */
function mediaStorageSopInstanceUid(head: DataView): string | undefined {
  let at = 132;
  while (at + 12 <= head.byteLength && head.getUint16(at, true) === 0x0002) {
    const element = head.getUint16(at + 2, true);
    const isLong = /^(OB|OW|UN|SQ|UT|UC|UR)$/.test(ascii(head, at + 4, 2));
    const length = isLong ? head.getUint32(at + 8, true) : head.getUint16(at + 6, true);
    const value = at + (isLong ? 12 : 8);
    if (value + length > head.byteLength) return undefined;
    if (element === 0x0003) {
      const uid = ascii(head, value, length).replace(/[\0 ]+$/, '');
      return uid === '' ? undefined : uid;
    }
    at = value + length;
  }
  return undefined;
}

function ascii(view: DataView, at: number, length: number): string {
  let text = '';
  for (let offset = at; offset < at + length; offset++) text += String.fromCharCode(view.getUint8(offset));
  return text;
}
