import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';

/** One part on its way out. */
export interface OutgoingPart {
  /** With its parameters. */
  readonly contentType: string;
  /** Absolute URL of what the part holds, where it has one. */
  readonly contentLocation?: string | undefined;
  /** A stream is opened when its turn comes. */
  readonly content: Uint8Array | (() => Readable | AsyncIterable<Uint8Array> | Iterable<Uint8Array>);
}

/** No boundary of ours occurs in the content of a part but by a chance of 2⁻¹²². */
export function newBoundary(): string {
  return `causeway-${randomUUID()}`;
}

/** The media type of one part; viewers read `transfer-syntax` only where it is not quoted (PS3.18 §8.7.3.5). */
export function partContentType(mediaType: string, transferSyntaxUid: string | undefined): string {
  return transferSyntaxUid === undefined ? mediaType : `${mediaType}; transfer-syntax=${transferSyntaxUid}`;
}

/** Content-Type of the whole answer. */
export function multipartContentType(partType: string, boundary: string): string {
  return `multipart/related; type="${partType}"; boundary=${boundary}`;
}

/**
 * The body of an answer of one or more parts, made as it is read (RFC 2046 §5.1). The header of a part comes together
 * with its content, so that who waits for the first chunk learns whether the first part can be had.
 */
export async function* multipartBody(
  boundary: string,
  parts: AsyncIterable<OutgoingPart> | Iterable<OutgoingPart>,
): AsyncGenerator<Uint8Array, void, void> {
  let lineBreak = '';
  for await (const part of parts) {
    // OHIF and dicomweb-client look for exactly this spelling of Content-Type.
    const location = part.contentLocation === undefined ? '' : `Content-Location: ${part.contentLocation}\r\n`;
    const header = Buffer.from(`${lineBreak}--${boundary}\r\nContent-Type: ${part.contentType}\r\n${location}\r\n`);
    lineBreak = '\r\n';
    if (part.content instanceof Uint8Array) {
      yield header;
      yield part.content;
      continue;
    }
    let pendingHeader: Buffer | undefined = header;
    for await (const chunk of part.content()) {
      if (pendingHeader !== undefined) yield pendingHeader;
      pendingHeader = undefined;
      yield chunk;
    }
    if (pendingHeader !== undefined) yield pendingHeader;
  }
  yield Buffer.from(`${lineBreak}--${boundary}--\r\n`);
}
