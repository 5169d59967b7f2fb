import { randomUUID } from 'node:crypto';
import type { Sending } from '../destination.ts';
import type { HttpBody } from './http-client.ts';
import { type SentFile, sentFile } from './sent-file.ts';

/** A part of a multipart body: a file that leaves, or a text. */
export interface BodyPart {
  /** Header lines, without line ends. */
  readonly headers: readonly string[];
  readonly content: string | SentFile;
}

export function newBoundary(): string {
  return `causeway-${randomUUID()}`;
}

/** A multipart body of any size that is read from its files as it is sent. RFC 2046 §5.1 */
export function multipartBody(parts: readonly BodyPart[], boundary: string, sending: Sending): HttpBody {
  const heads = parts.map(({ headers }) => Buffer.from([`--${boundary}`, ...headers, '', ''].join('\r\n')));
  const lineEnd = Buffer.from('\r\n');
  const end = Buffer.from(`--${boundary}--\r\n`);
  const lengths = parts.map(
    ({ content }, at) =>
      heads[at]!.length + (typeof content === 'string' ? Buffer.byteLength(content) : content.size) + lineEnd.length,
  );

  async function* content(): AsyncGenerator<Uint8Array, void, void> {
    for (const [at, part] of parts.entries()) {
      yield heads[at]!;
      if (typeof part.content === 'string') yield Buffer.from(part.content);
      else yield* sentFile(part.content, sending);
      yield lineEnd;
    }
    yield end;
  }

  return { length: lengths.reduce((sum, length) => sum + length, end.length), content: content() };
}
