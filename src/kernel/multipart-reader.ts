import { CausewayError } from './errors.ts';

export interface MultipartLimits {
  /** Of the whole body. */
  readonly maxBytes: number;
  /** Of the header of one part. */
  readonly maxHeaderBytes: number;
  readonly maxParts: number;
}

export interface MultipartPart {
  /** From 1. */
  readonly number: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /**
   * The content in order, each chunk the reader's to keep. What is not read is passed over when the next part is
   * asked for.
   * @throws CausewayError `truncated` if the body ends within the part, `limit-exceeded`
   */
  readonly content: AsyncIterable<Buffer>;
}

/** Blanks between a boundary and the end of its line (RFC 2046 §5.1.1); a longer line is no boundary. */
const maxPaddingBytes = 256;
const headerEnd = Buffer.from('\r\n\r\n');
const carriageReturn = 13;
const lineFeed = 10;
const dash = 45;

/**
 * Reads a multipart body (RFC 2046 §5.1) part by part as it arrives. Memory does not grow with the body, and nothing
 * is read ahead of the consumer. A boundary counts only as a whole line: content that holds one with more behind it,
 * as nested multipart does, is content.
 * @throws CausewayError `bad-request` (no multipart body, a part without header), `truncated` (no closing boundary),
 *   `limit-exceeded`
 */
export async function* readMultipart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<MultipartPart, void, void> {
  const body = bufferedBody(source, limits.maxBytes);
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // The first boundary needs no line break before it; the one added here is no byte of the body.
  body.prepend('\r\n');
  const preamble = splitAtDelimiter(body, delimiter);
  for await (const _skipped of preamble.content) {
    // A preamble has no meaning.
  }
  if (preamble.end() !== 'delimiter' && preamble.end() !== 'last-delimiter') {
    throw new CausewayError('bad-request', 'The body holds no line with the boundary that its Content-Type names.');
  }
  let part = preamble;
  for (let number = 1; part.end() !== 'last-delimiter'; number += 1) {
    if (number > limits.maxParts) {
      throw new CausewayError('limit-exceeded', `The body has more than ${limits.maxParts} parts.`, {
        details: { limit: 'maxParts' },
      });
    }
    const headers = await readHeaders(body, delimiter, number, limits.maxHeaderBytes);
    part = splitAtDelimiter(body, delimiter);
    const content = part.content;
    yield { number, headers, content: wholeContent(content, part.end, body.bytesRead, number) };
    for await (const _skipped of content) {
      // Whatever the consumer left.
    }
    if (part.end() === 'end-of-body' || part.end() === 'cut-delimiter') throw truncated(number, body.bytesRead());
  }
}

function truncated(number: number, bytes: number): CausewayError {
  return new CausewayError(
    'truncated',
    `The body ends after ${bytes} bytes in part ${number}: the closing boundary is missing.`,
    { details: { offset: bytes } },
  );
}

async function* wholeContent(
  content: AsyncIterable<Buffer>,
  end: () => ContentEnd | undefined,
  bytesRead: () => number,
  number: number,
): AsyncGenerator<Buffer, void, void> {
  yield* content;
  if (end() === 'end-of-body') throw truncated(number, bytesRead());
}

/** The body with the bytes of it that are not yet given out. */
interface BufferedBody {
  /** Not yet given out. */
  pending(): Buffer;
  /** Gives out the first bytes of what is pending. */
  take(length: number): Buffer;
  /** Waits for more. @returns false at the end of the body */
  fill(): Promise<boolean>;
  prepend(text: string): void;
  bytesRead(): number;
}

function bufferedBody(source: AsyncIterable<Uint8Array>, maxBytes: number): BufferedBody {
  const chunks = source[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.alloc(0);
  let bytesRead = 0;
  return {
    pending: () => pending,
    take(length) {
      const taken = pending.subarray(0, length);
      pending = pending.subarray(length);
      return taken;
    },
    async fill() {
      const next = await chunks.next();
      if (next.done) return false;
      bytesRead += next.value.byteLength;
      if (bytesRead > maxBytes) {
        throw new CausewayError('limit-exceeded', `The body is larger than the allowed ${maxBytes} bytes.`, {
          details: { limit: 'maxUploadBytes' },
        });
      }
      const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      return true;
    },
    prepend(text) {
      pending = Buffer.concat([Buffer.from(text), pending]);
    },
    bytesRead: () => bytesRead,
  };
}

type DelimiterKind = 'delimiter' | 'last-delimiter';

/** What a stretch of content ended with; `cut-delimiter` is a boundary line that the end of the body cuts off. */
type ContentEnd = DelimiterKind | 'cut-delimiter' | 'end-of-body';

/** Content up to the next boundary, and, once it is read to its end, what ended it. */
function splitAtDelimiter(body: BufferedBody, delimiter: Buffer) {
  let end: ContentEnd | undefined;

  async function* read(): AsyncGenerator<Buffer, void, void> {
    let searchFrom = 0;
    while (end === undefined) {
      const pending = body.pending();
      const at = pending.indexOf(delimiter, searchFrom);
      if (at < 0) {
        const keep = partialDelimiterLength(pending, delimiter, searchFrom);
        if (pending.length > keep) yield body.take(pending.length - keep);
        searchFrom = 0;
        if (!(await body.fill())) {
          end = 'end-of-body';
          if (keep > 0) yield body.take(keep);
        }
        continue;
      }
      if (at > 0) {
        yield body.take(at);
        searchFrom = 0;
        continue;
      }
      const line = readDelimiterLine(pending, delimiter.length);
      if (line === 'unknown') {
        if (await body.fill()) continue;
        // The content is complete even if the line of its boundary is not; only the closing one may end so.
        end = body.pending().length === delimiter.length + 2 ? 'last-delimiter' : 'cut-delimiter';
        body.take(body.pending().length);
      } else if (line === 'content') {
        searchFrom = delimiter.length;
      } else {
        body.take(line.length);
        end = line.kind;
      }
    }
  }

  // One generator for all who iterate: who comes later continues where the other stopped.
  const content = read();
  const resumable: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({ next: () => content.next() }),
  };
  return { content: resumable, end: () => end };
}

/** Length of the longest end of `pending` that may be the beginning of a delimiter. */
function partialDelimiterLength(pending: Buffer, delimiter: Buffer, searchFrom: number): number {
  const first = Math.max(searchFrom, pending.length - delimiter.length + 1);
  for (let at = pending.indexOf(carriageReturn, first); at >= 0; at = pending.indexOf(carriageReturn, at + 1)) {
    if (pending.compare(delimiter, 0, pending.length - at, at) === 0) return pending.length - at;
  }
  return 0;
}

/** What follows the boundary on its line tells a delimiter from content that looks like one. */
function readDelimiterLine(
  pending: Buffer,
  afterBoundary: number,
): { readonly kind: DelimiterKind; readonly length: number } | 'content' | 'unknown' {
  if (pending[afterBoundary] === dash) {
    if (pending.length < afterBoundary + 2) return 'unknown';
    if (pending[afterBoundary + 1] !== dash) return 'content';
    if (pending.length === afterBoundary + 2) return 'unknown';
    // Some senders pad the end of the body with NUL instead of ending the line.
    return [carriageReturn, lineFeed, 0, 9, 32].includes(pending[afterBoundary + 2] ?? -1)
      ? { kind: 'last-delimiter', length: afterBoundary + 2 }
      : 'content';
  }
  let at = afterBoundary;
  while (pending[at] === 32 || pending[at] === 9) at += 1;
  if (at - afterBoundary > maxPaddingBytes) return 'content';
  if (pending.length < at + 2) return at < pending.length && pending[at] !== carriageReturn ? 'content' : 'unknown';
  // The line break stays, so that a part without header lines begins with an empty line all the same.
  return pending[at] === carriageReturn && pending[at + 1] === lineFeed ? { kind: 'delimiter', length: at } : 'content';
}

async function readHeaders(
  body: BufferedBody,
  delimiter: Buffer,
  number: number,
  maxHeaderBytes: number,
): Promise<ReadonlyMap<string, string>> {
  let end = body.pending().indexOf(headerEnd);
  while (end < 0) {
    if (body.pending().length > maxHeaderBytes) break;
    if (!(await body.fill())) throw truncated(number, body.bytesRead());
    end = body.pending().indexOf(headerEnd);
  }
  if (end < 0 || end > maxHeaderBytes) {
    throw new CausewayError('limit-exceeded', `The header of part ${number} is longer than ${maxHeaderBytes} bytes.`, {
      details: { limit: 'maxPartHeaderBytes' },
    });
  }
  const text = body.take(end + headerEnd.length).subarray(0, end);
  if (text.includes(delimiter)) {
    throw new CausewayError('bad-request', `Part ${number} has no empty line between its header and its content.`);
  }
  const headers = new Map<string, string>();
  const lines = text
    .toString('latin1')
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}
