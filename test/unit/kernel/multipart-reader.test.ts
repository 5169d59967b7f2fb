import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { readMultipart } from '../../../src/kernel/multipart-reader.ts';

const limits = { maxBytes: 1e9, maxHeaderBytes: 4096, maxParts: 1000 };

async function* inChunks(body: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < body.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    // Each chunk has memory of its own that nobody else writes to, as those of a socket.
    yield Uint8Array.from(body.subarray(at, at + size));
    at += size;
  }
}

interface ReadPart {
  readonly headers: Record<string, string>;
  readonly content: string;
}

async function read(
  body: Buffer | string,
  boundary = 'b',
  sizes: readonly number[] = [7],
  bounds = limits,
): Promise<{ parts: ReadPart[]; error: unknown }> {
  const bytes = Buffer.from(body);
  const parts: ReadPart[] = [];
  try {
    for await (const part of readMultipart(inChunks(bytes, sizes), boundary, bounds)) {
      // Chunks are kept until the part is over, as a store does that writes in batches.
      const held: Buffer[] = [];
      for await (const chunk of part.content) held.push(chunk);
      parts.push({
        headers: Object.fromEntries(part.headers),
        content: Buffer.concat(held).toString('latin1'),
      });
    }
    return { parts, error: undefined };
  } catch (error) {
    return { parts, error };
  }
}

async function contents(body: string, boundary?: string): Promise<string[]> {
  const { parts, error } = await read(body, boundary);
  if (error) throw error;
  return parts.map(({ content }) => content);
}

function code(error: unknown): string | undefined {
  return error instanceof CausewayError ? error.code : undefined;
}

const head = 'Content-Type: application/dicom\r\n\r\n';

describe('the multipart reader', () => {
  it.each<[string, string, string[]]>([
    ['one part', `--b\r\n${head}DATA\r\n--b--\r\n`, ['DATA']],
    ['two parts', `--b\r\n${head}ONE\r\n--b\r\n${head}TWO\r\n--b--\r\n`, ['ONE', 'TWO']],
    ['a line break in front', `\r\n--b\r\n${head}DATA\r\n--b--\r\n`, ['DATA']],
    ['a preamble in front', `hello\r\nworld\r\n--b\r\n${head}DATA\r\n--b--\r\n`, ['DATA']],
    ['no line break at the end', `--b\r\n${head}DATA\r\n--b--`, ['DATA']],
    ['NULs at the end', `--b\r\n${head}DATA\r\n--b--\0\0\0\0`, ['DATA']],
    ['a line break and NULs at the end', `--b\r\n${head}DATA\r\n--b--\r\n\0\0\0`, ['DATA']],
    ['an epilogue', `--b\r\n${head}DATA\r\n--b--\r\nbye\r\n--b\r\n${head}NO\r\n`, ['DATA']],
    ['blanks behind the boundary', `--b \t \r\n${head}DATA\r\n--b  \r\n${head}X\r\n--b-- \r\n`, ['DATA', 'X']],
    ['an empty part', `--b\r\n${head}\r\n--b--\r\n`, ['']],
    ['a part without header lines', '--b\r\n\r\nDATA\r\n--b--\r\n', ['DATA']],
    ['header-like content', `--b\r\n${head}A: b\r\n\r\nC: d\r\n\r\n\r\n--b--\r\n`, ['A: b\r\n\r\nC: d\r\n\r\n']],
    ['line breaks in the content', `--b\r\n${head}\r\n\r\n\n\r\r\n\r\n--b--\r\n`, ['\r\n\r\n\n\r\r\n']],
    ['content that ends in a carriage return', `--b\r\n${head}X\r\r\n--b--\r\n`, ['X\r']],
    ['the boundary within a line', `--b\r\n${head}X--b--Y --b\r\n--b--\r\n`, ['X--b--Y --b']],
    [
      'a boundary with more behind it',
      `--b\r\n${head}X\r\n--bc\r\n--b-\r\n--b--c\r\n--b--\r\n`,
      ['X\r\n--bc\r\n--b-\r\n--b--c'],
    ],
    [
      'the beginnings of a boundary',
      `--b\r\n${head}\r\r\n\r\n-\r\n--\r\n--x\r\n--b--\r\n`,
      ['\r\r\n\r\n-\r\n--\r\n--x'],
    ],
    ['a boundary after a bare line feed', `--b\r\n${head}X\n--b--\r\n--b--\r\n`, ['X\n--b--']],
    ['nested multipart', `--b\r\n${head}--bb\r\n${head}IN\r\n--bb--\r\n--b--\r\n`, [`--bb\r\n${head}IN\r\n--bb--`]],
    ['no part at all', '--b--\r\n', []],
  ])('reads %s', async (_what, body, expected) => {
    expect(await contents(body)).toEqual(expected);
    for (const size of [1, 2, 3, 5, 1000]) {
      const { parts } = await read(body, 'b', [size]);
      expect(parts.map(({ content }) => content)).toEqual(expected);
    }
  });

  it('reads headers whatever their case, folded or not', async () => {
    const { parts } = await read(
      '--b\r\nCONTENT-type:application/dicom;\r\n transfer-syntax=1.2\r\nX-Y: z\r\n\r\nD\r\n--b--',
    );
    expect(parts[0]?.headers).toEqual({ 'content-type': 'application/dicom; transfer-syntax=1.2', 'x-y': 'z' });
  });

  it('takes boundaries with characters of every kind', async () => {
    const boundary = "0'()+_,-./:=? 9";
    expect(await contents(`--${boundary}\r\n${head}D\r\n--${boundary}--`, boundary)).toEqual(['D']);
  });

  it('says at every position at which a body can break off that it did, and gives nothing that is not whole', async () => {
    const body = Buffer.from(`--b\r\n${head}FIRST\r\n--b\r\n${head}SECOND\r\n--b--\r\n`);
    const closingEnd = body.length - 2;
    for (let length = 0; length < body.length; length += 1) {
      const { parts, error } = await read(body.subarray(0, length), 'b', [1 + (length % 9)]);
      const whole = ['FIRST', 'SECOND'].slice(0, parts.length);
      expect(parts.map(({ content }) => content)).toEqual(whole);
      if (length >= closingEnd) expect(whole).toHaveLength(2);
      else expect(['bad-request', 'truncated']).toContain(code(error));
    }
  });

  it('names part and byte at which the body ends', async () => {
    const { error } = await read(`--b\r\n${head}FIRST\r\n--b\r\n${head}SEC`);
    expect(String(error)).toMatch(/ends after 90 bytes in part 2/);
  });

  it('passes over what the consumer does not read', async () => {
    const numbers: number[] = [];
    const body = Buffer.from(`--b\r\n${head}${'x'.repeat(1000)}\r\n--b\r\n${head}Y\r\n--b--`);
    for await (const part of readMultipart(inChunks(body, [10]), 'b', limits)) {
      numbers.push(part.number);
      for await (const _chunk of part.content) break;
    }
    expect(numbers).toEqual([1, 2]);
  });

  it('reads nothing ahead of its consumer', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`--b\r\n${head}`);
      for (;;) {
        given += 1;
        yield Buffer.alloc(1000);
      }
    }
    for await (const part of readMultipart(endless(), 'b', { ...limits, maxBytes: Number.POSITIVE_INFINITY })) {
      let taken = 0;
      for await (const _chunk of part.content) {
        taken += 1;
        if (taken === 10) break;
      }
      expect(given).toBeLessThanOrEqual(11);
      break;
    }
  });

  it.each<[string, string, Partial<typeof limits>, string]>([
    ['a body without its boundary', 'nothing of the kind', {}, 'bad-request'],
    ['an empty body', '', {}, 'bad-request'],
    ['a part whose header does not end', `--b\r\n${'x'.repeat(5000)}`, {}, 'limit-exceeded'],
    ['a boundary within a header', '--b\r\nA: b\r\n--b\r\nC: d\r\n\r\nX\r\n--b--', {}, 'bad-request'],
    ['a body over the limit', `--b\r\n${head}${'x'.repeat(500)}\r\n--b--`, { maxBytes: 300 }, 'limit-exceeded'],
    ['too many parts', `--b\r\n${head}1\r\n--b\r\n${head}2\r\n--b--`, { maxParts: 1 }, 'limit-exceeded'],
    ['a part that never ends', `--b\r\n${head}abc`, {}, 'truncated'],
    ['a header that never ends', '--b\r\nContent-Type: x\r\n', {}, 'truncated'],
  ])('refuses %s', async (_what, body, bounds, expected) => {
    const { error } = await read(body, 'b', [64], { ...limits, ...bounds });
    expect(code(error)).toBe(expected);
  });

  const piece = fc.oneof(
    fc.constantFrom('\r\n--edge', '--edge--', '\r\n--edg', '\r', '\n', '\r\n', '\r\n--', '\r\n\r\n', '-', 'e', '\0'),
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => Buffer.from(text).toString('latin1')),
  );
  const content = fc
    .array(piece, { maxLength: 12 })
    .map((pieces) => pieces.join(''))
    // What is a boundary line is no content.
    .filter((text) => !/\r\n--edge(?:--[\r\n\0\t ]|--$|[\t ]*\r\n|[\t ]*$|[\t ]*\r$|-$)/.test(`\r\n${text}`));

  it('gives back any content, in whatever chunks it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (expected, sizes) => {
          const body = `${expected.map((one) => `--edge\r\n${head}${one}\r\n`).join('')}--edge--`;
          const { parts, error } = await read(Buffer.from(body, 'latin1'), 'edge', sizes);
          expect(error).toBeUndefined();
          expect(parts.map((part) => part.content)).toEqual(expected);
        },
      ),
      { numRuns: 600 },
    );
  });

  it('ends with parts or a refusal on any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(piece, fc.constantFrom(`--edge\r\n${head}`, '\r\n--edge--')), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        async (pieces, sizes) => {
          const { error } = await read(Buffer.from(pieces.join(''), 'latin1'), 'edge', sizes);
          expect([undefined, 'bad-request', 'truncated', 'limit-exceeded']).toContain(code(error));
          expect(error === undefined || error instanceof CausewayError).toBe(true);
        },
      ),
      { numRuns: 600 },
    );
  });
});
