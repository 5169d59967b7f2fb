/** What stands before the SOP Instance UID (0008,0018) is small, as a rule; what is not goes out alone. */
const headBytes = 8192;

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
  const sopInstanceUid = sopInstanceUidIn(head);
  return sopInstanceUid === undefined ? { kind: 'unknown' } : { kind: 'instance', sopInstanceUid };
}

/** Of the data set, as the server answers by it; what File Meta Information says may be another (PS3.10 §7.1). */
function sopInstanceUidIn(head: DataView): string | undefined {
  const meta = elements(head, 132, explicitLittleEndian);
  let at = 132;
  let syntax = '';
  for (const { tag, value, length, end } of meta) {
    if (tag >= 0x00030000) break;
    if (tag === 0x00020010) syntax = uid(head, value, length);
    at = end;
  }
  const encoding = encodingOf(syntax);
  if (encoding === undefined) return undefined;
  for (const { tag, value, length } of elements(head, at, encoding)) {
    if (tag > sopInstanceUidTag) return undefined;
    if (tag === sopInstanceUidTag) return uid(head, value, length) || undefined;
  }
  return undefined;
}

const sopInstanceUidTag = 0x00080018;

interface Encoding {
  readonly isExplicit: boolean;
  readonly isLittleEndian: boolean;
}

const explicitLittleEndian: Encoding = { isExplicit: true, isLittleEndian: true };

/** Undefined of what is deflated, and of what is not said (PS3.5 Annex A). */
function encodingOf(transferSyntaxUid: string): Encoding | undefined {
  if (transferSyntaxUid === '1.2.840.10008.1.2') return { isExplicit: false, isLittleEndian: true };
  if (transferSyntaxUid === '1.2.840.10008.1.2.2') return { isExplicit: true, isLittleEndian: false };
  const isDeflated = /^1\.2\.840\.10008\.1\.2\.(1\.99|4\.95|4\.205)$/.test(transferSyntaxUid);
  return transferSyntaxUid === '' || isDeflated ? undefined : explicitLittleEndian;
}

interface Element {
  /** Group times 65536 and element. */
  readonly tag: number;
  /** Where it begins, and how long it is. */
  readonly value: number;
  readonly length: number;
  readonly end: number;
}

/** Those that lie whole within the head, up to the first that has no length (PS3.5 §7.1). */
function* elements(head: DataView, from: number, { isExplicit, isLittleEndian }: Encoding): Generator<Element> {
  let at = from;
  while (at + 12 <= head.byteLength) {
    const tag = head.getUint16(at, isLittleEndian) * 0x10000 + head.getUint16(at + 2, isLittleEndian);
    const isLong = isExplicit && /^(OB|OD|OF|OL|OV|OW|SQ|SV|UC|UN|UR|UT|UV)$/.test(ascii(head, at + 4, 2));
    const value = at + (isLong ? 12 : 8);
    const length =
      isExplicit && !isLong ? head.getUint16(at + 6, isLittleEndian) : head.getUint32(value - 4, isLittleEndian);
    const end = value + length;
    if (end > head.byteLength) return;
    yield { tag, value, length, end };
    at = end;
  }
}

function uid(head: DataView, at: number, length: number): string {
  return ascii(head, at, length).replace(/[\0 ]+$/, '');
}

function ascii(view: DataView, at: number, length: number): string {
  let text = '';
  for (let offset = at; offset < at + length; offset++) text += String.fromCharCode(view.getUint8(offset));
  return text;
}
