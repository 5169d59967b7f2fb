import { Buffer } from 'node:buffer';

/** What an MP4 file says of its picture. */
export interface Mp4Video {
  readonly transferSyntaxUid: string;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly bitsStored: number;
}

interface Box {
  readonly type: string;
  readonly content: Buffer;
}

const syntaxRoot = '1.2.840.10008.1.2.4.';
/** Of a visual sample entry (ISO 14496-12 §12.1.3), before the boxes within it. */
const sampleEntryBytes = 78;

/**
 * Reads the first video track of an MP4 file (ISO 14496-12).
 * @returns undefined if it has none whose pictures are H.264 or HEVC of a profile and level that DICOM has a transfer syntax for
 * @see PS3.5 §8.2.7 to §8.2.11
 */
export function mp4Video(bytes: Uint8Array): Mp4Video | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const track of boxesAt(file, ['moov', 'trak'])) {
    const [table] = boxesAt(track, ['mdia', 'minf', 'stbl']);
    const [descriptions] = table === undefined ? [] : boxesAt(table, ['stsd']);
    const [sizes] = table === undefined ? [] : boxesAt(table, ['stsz']);
    const [entry] = descriptions === undefined ? [] : boxesIn(descriptions.subarray(8));
    if (entry === undefined || sizes === undefined || sizes.length < 12) continue;
    if (entry.content.length < sampleEntryBytes) continue;
    const coding = codingOf(entry);
    const [columns, rows] = [entry.content.readUInt16BE(24), entry.content.readUInt16BE(26)];
    const frames = sizes.readUInt32BE(8);
    if (coding !== undefined && rows > 0 && columns > 0 && frames > 0) return { ...coding, rows, columns, frames };
  }
  return undefined;
}

function codingOf({ type, content }: Box): Pick<Mp4Video, 'transferSyntaxUid' | 'bitsStored'> | undefined {
  const inner = [...boxesIn(content.subarray(sampleEntryBytes))];
  const configuration = inner.find((box) => box.type === (type.startsWith('avc') ? 'avcC' : 'hvcC'))?.content;
  if (configuration === undefined || configuration.length < 13) return undefined;
  if (type === 'avc1' || type === 'avc3') {
    const [profile, level] = [configuration[1]!, configuration[3]!];
    // Baseline, Main and High: a decoder of High reads them all.
    if (![66, 77, 100].includes(profile) || level > 42) return undefined;
    return { transferSyntaxUid: `${syntaxRoot}${level <= 41 ? '102' : '104'}`, bitsStored: 8 };
  }
  if (type !== 'hvc1' && type !== 'hev1') return undefined;
  const [profile, level] = [configuration[1]! & 0x1f, configuration[12]!];
  if ((profile !== 1 && profile !== 2) || level > 153) return undefined;
  return { transferSyntaxUid: `${syntaxRoot}${profile === 1 ? '107' : '108'}`, bitsStored: profile === 1 ? 8 : 10 };
}

function* boxesAt(bytes: Buffer, [type, ...inner]: readonly string[]): Generator<Buffer> {
  for (const box of boxesIn(bytes)) {
    if (box.type !== type) continue;
    if (inner.length === 0) yield box.content;
    else yield* boxesAt(box.content, inner);
  }
}

function* boxesIn(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const stated = bytes.readUInt32BE(at);
    const isWide = stated === 1 && at + 16 <= bytes.length;
    const length = isWide ? Number(bytes.readBigUInt64BE(at + 8)) : stated === 0 ? bytes.length - at : stated;
    const headerBytes = isWide ? 16 : 8;
    if (length < headerBytes || at + length > bytes.length) return;
    yield { type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + headerBytes, at + length) };
    at += length;
  }
}
