import { createHash, randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/**
 * `cut`: it takes what is sent and breaks the connection off before it has said so, or in the middle. `lie`: as STOW-RS it says
 * yes and keeps nothing.
 */
export type Manners = 'well' | 'refuse' | 'hang' | 'error' | 'cut' | 'lie';

export const allManners: readonly Manners[] = ['well', 'refuse', 'hang', 'error', 'cut', 'lie'];

/** A receiver of STOW-RS and of `multipart/form-data` that keeps one copy of what it takes, and has its moods. */
export interface MisbehavingReceiver {
  readonly url: string;
  /** SHA-256 of the file, and how often it came, by SOP Instance UID. */
  readonly kept: Map<string, { readonly sha256: string; times: number }>;
  /** What came with other content than before. */
  readonly altered: Set<string>;
  /** Files that it said it had stored and did not. */
  readonly lies: number;
  behave(manners: Manners): void;
  close(): Promise<void>;
}

export async function startMisbehavingReceiver(): Promise<MisbehavingReceiver> {
  const kept: MisbehavingReceiver['kept'] = new Map();
  const altered = new Set<string>();
  const seriesOf = new Map<string, string>();
  const sockets = new Set<Socket>();
  let manners: Manners = 'well';
  let lies = 0;

  function keep(file: Buffer): string {
    const uid = uidIn(file, 0x0018);
    seriesOf.set(uid, uidIn(file, 0x000e, 0x0020));
    const known = kept.get(uid);
    const sha256 = createHash('sha256').update(file).digest('hex');
    if (known === undefined) kept.set(uid, { sha256, times: 1 });
    else if (known.sha256 === sha256) known.times += 1;
    else altered.add(uid);
    return uid;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = manners;
    if (now === 'hang') return;
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (now === 'cut' && randomInt(4) === 0) return void request.socket.destroy();
    }
    if (now === 'error') return void response.writeHead(500).end('It is broken.');
    const url = new URL(request.url ?? '/', 'http://receiver');
    if (request.method === 'GET') {
      const [, series] = /\/series\/([0-9.]+)\//.exec(url.pathname) ?? [];
      const wanted = url.searchParams.get('SOPInstanceUID')?.split(',');
      const offset = Number(url.searchParams.get('offset') ?? 0);
      const there = [...kept.keys()].filter((uid) => seriesOf.get(uid) === series && (wanted?.includes(uid) ?? true));
      return json(
        response,
        there.slice(offset).map((uid) => ({ '00080018': { vr: 'UI', Value: [uid] } })),
      );
    }
    const isStow = url.pathname.endsWith('/studies');
    const files = filesIn(Buffer.concat(chunks), request.headers['content-type'] ?? '');
    const isLie = now === 'lie' && isStow;
    if (isLie) lies += files.length;
    const uids = files.map((file) => (isLie ? uidIn(file, 0x0018) : keep(file)));
    if (now === 'cut') return void request.socket.destroy();
    if (!isStow)
      return json(response, {
        success: true,
        series_instance_uids: [...new Set(uids.map((uid) => seriesOf.get(uid)))],
      });
    json(response, {
      '00081199': {
        vr: 'SQ',
        Value: uids.map((uid) => ({ '00081155': { vr: 'UI', Value: [uid] } })),
      },
    });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  server.on('connection', (socket) => {
    if (manners === 'refuse') return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kept,
    altered,
    get lies() {
      return lies;
    },
    behave(next) {
      manners = next;
      // Who hung hears the end of it, and who is refused is not let in by a connection from before.
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(body));
}

/** Parts that are DICOM files: those that say so with their preamble. */
function filesIn(body: Buffer, contentType: string): Buffer[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1] ?? '';
  const delimiter = Buffer.from(`--${boundary}`);
  const files: Buffer[] = [];
  for (let at = body.indexOf(delimiter); at >= 0; ) {
    const next = body.indexOf(delimiter, at + delimiter.length);
    if (next < 0) break;
    const content = body.subarray(body.indexOf('\r\n\r\n', at) + 4, next - 2);
    if (content.subarray(128, 132).toString('latin1') === 'DICM') files.push(content);
    at = next;
  }
  return files;
}

/** Of the data set of an Explicit VR Little Endian file as the tests make them. */
function uidIn(file: Buffer, element: number, group = 0x0008): string {
  const header = Buffer.from([group & 0xff, group >> 8, element & 0xff, element >> 8, 0x55, 0x49]);
  const at = file.indexOf(header, 132);
  return file
    .subarray(at + 8, at + 8 + file.readUInt16LE(at + 6))
    .toString('latin1')
    .replace(/\0$/, '');
}
