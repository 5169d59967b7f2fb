import { type Mp4Video, mp4Video } from '../../dicom/mp4-video.ts';
import {
  type BulkContent,
  isCodestreamType,
  type SentBulk,
  type SentCodestream,
  sentCodestream,
} from '../../dicom/sent-bulk.ts';
import { bytesAt, headOf } from './spooled-bulk.ts';

/** The header of a codestream mostly lies within the first of these; a colour profile may push it on. */
const headBytes = [16_384, 1_048_576];
/** The box that describes an MP4 lists its frames: hours of video stay below this. */
const maxMovieBoxBytes = 67_108_864;
const maxTopBoxes = 10_000;

/** Compressed pixels with what their headers say, of which no more than the header is read. */
export async function describedPixels(sent: SentBulk): Promise<SentBulk> {
  if (sent.mediaType === 'video/mp4') {
    const [only] = sent.contents;
    const video = only && (await videoIn(only));
    return video === undefined ? sent : { ...sent, video };
  }
  if (!isCodestreamType(sent.mediaType)) return sent;
  const codestreams: SentCodestream[] = [];
  for (const content of sent.contents) codestreams.push(await codestreamIn(content));
  return { ...sent, codestreams };
}

async function codestreamIn(content: BulkContent): Promise<SentCodestream> {
  let found: SentCodestream | undefined;
  for (const bytes of headBytes) {
    found = sentCodestream(await headOf(content, bytes), content.length);
    if (found.image !== undefined || content.length <= bytes) break;
  }
  return found!;
}

/** The box `moov` lies at the beginning or at the end (ISO 14496-12 §8.2). */
async function videoIn(content: BulkContent): Promise<Mp4Video | undefined> {
  let boxes = 0;
  for (let at = 0; at + 8 <= content.length && boxes < maxTopBoxes; boxes++) {
    const head = await bytesAt(content, at, Math.min(16, content.length - at));
    const stated = head.readUInt32BE(0);
    const isWide = stated === 1 && head.length === 16;
    const length = isWide ? Number(head.readBigUInt64BE(8)) : stated === 0 ? content.length - at : stated;
    if (length < 8 || at + length > content.length) return undefined;
    if (head.toString('latin1', 4, 8) === 'moov') {
      return length > maxMovieBoxBytes ? undefined : mp4Video(await bytesAt(content, at, length));
    }
    at += length;
  }
  return undefined;
}
