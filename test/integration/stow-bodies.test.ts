import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { buildPart10, ctElements, element } from '../support/dicom-builder.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let studies = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Content that looks like the end of a part, of a header and of a body. */
const lookAlikes = Buffer.from(
  '\r\n\r\n--edge-\r\n--edgy\r\n--edge--x\r\n-\r\n--\r\n--edg\r\r\n--other\r\nContent-Type: a/b\r\n\r\n--other--\r\n\n\0',
);

function newStudy(): string {
  studies += 1;
  return `2.25.9${String(studies).padStart(5, '0')}`;
}

function fileOf(study: string, number: number, content: Uint8Array = lookAlikes): Buffer {
  const uids = { study, series: `${study}.1`, instance: `${study}.1.${number}` };
  return buildPart10({ elements: ctElements(uids, element('00420011', 'OB', content)) });
}

const partHead = 'Content-Type: application/dicom\r\n\r\n';
const first = `--edge\r\n${partHead}`;
const next = `\r\n--edge\r\n${partHead}`;

/** Text goes out as Latin-1, so that a test can say any byte. */
function bytes(...pieces: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)));
}

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly warning: string | null;
  readonly stored: readonly unknown[];
  readonly failed: number;
  readonly problem: unknown;
}

const plainType = 'multipart/related; type="application/dicom"; boundary=edge';

async function post(body: Buffer, contentType = plainType): Promise<Answer> {
  const response = await fetch(`${server.web}/studies`, {
    method: 'POST',
    headers: { 'Content-Type': contentType, Accept: 'application/dicom+json' },
    body,
  });
  const answer = (await response.json()) as DicomJson;
  const items = (tag: string) => (answer[tag]?.Value ?? []) as DicomJson[];
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    warning: response.headers.get('warning'),
    stored: items('00081199').map((item) => item['00081155']?.Value?.[0]),
    failed: items('00081198').length,
    problem: answer,
  };
}

async function storedInstances(study: string): Promise<unknown[]> {
  const response = await fetch(`${server.web}/studies/${study}/instances`);
  const found = (await response.json()) as DicomJson[];
  return found.map((item) => item['00080018']?.Value?.[0]).sort();
}

async function storedFile(study: string, number: number): Promise<Buffer> {
  const url = `${server.web}/studies/${study}/series/${study}.1/instances/${study}.1.${number}`;
  return Buffer.from(await (await fetch(url, { headers: { Accept: 'application/dicom' } })).arrayBuffer());
}

/** Files that were begun and neither committed nor discarded. */
function begun(): Promise<string[]> {
  return readdir(join(server.dataDir, 'blobs', 'incoming'));
}

const uidsOf = (study: string, count: number) => Array.from({ length: count }, (_, at) => `${study}.1.${at + 1}`);

describe('bodies of STOW-RS', () => {
  type Make = (one: Buffer, two: Buffer) => Buffer;
  it.each<[string, Make, string?]>([
    ['that look like boundaries inside', (one, two) => bytes(first, one, next, two, '\r\n--edge--\r\n')],
    ['without a line break at the end', (one, two) => bytes(first, one, next, two, '\r\n--edge--')],
    ['with a line break in front', (one, two) => bytes('\r\n', first, one, next, two, '\r\n--edge--\r\n')],
    ['with NULs at the end', (one, two) => bytes(first, one, next, two, '\r\n--edge--', Buffer.alloc(1000))],
    ['with NULs after the last line', (one, two) => bytes(first, one, next, two, '\r\n--edge--\r\n', Buffer.alloc(9))],
    ['with a preamble', (one, two) => bytes('This is MIME.\r\n--edg\r\n', first, one, next, two, '\r\n--edge--\r\n')],
    ['with an epilogue', (one, two) => bytes(first, one, next, two, `\r\n--edge--\r\nbye${next}no DICOM`)],
    [
      'with blanks behind boundaries',
      (one, two) => bytes(`--edge \t\r\n${partHead}`, one, `\r\n--edge  \r\n${partHead}`, two, '\r\n--edge-- \r\n'),
    ],
    [
      'whose parts have no header',
      (one, two) => bytes('--edge\r\n\r\n', one, '\r\n--edge\r\n\r\n', two, '\r\n--edge--\r\n'),
    ],
    [
      'whose part headers have any case, parameters and folds',
      (one, two) =>
        bytes(
          '--edge\r\ncontent-TYPE:application/dicom;\r\n transfer-syntax="1.2.840.10008.1.2.1"\r\nMIME-Version: 1.0\r\n\r\n',
          one,
          '\r\n--edge\r\nContent-Type: Application/DICOM; transfer-syntax=1.2.840.10008.1.2.1\r\nContent-Length: 7\r\n\r\n',
          two,
          '\r\n--edge--\r\n',
        ),
    ],
    [
      'with quoted parameters',
      (one, two) => bytes(first, one, next, two, '\r\n--edge--\r\n'),
      'multipart/related; type="application/dicom"; boundary="edge"',
    ],
    [
      'with unquoted parameters in another order',
      (one, two) => bytes(first, one, next, two, '\r\n--edge--\r\n'),
      'Multipart/Related;boundary=edge;TYPE=application/dicom',
    ],
    [
      'with a quoted boundary of every kind of character',
      (one, two) => {
        const line = "--a'()+_,-./:=? 9";
        return bytes(`${line}\r\n\r\n`, one, `\r\n${line}\r\n\r\n`, two, `\r\n${line}--\r\n`);
      },
      'multipart/related; type="application/dicom"; boundary="a\'()+_,-./:=? 9"',
    ],
    [
      'whose boundary begins with dashes',
      (one, two) => bytes('------\r\n\r\n', one, '\r\n------\r\n\r\n', two, '\r\n--------\r\n'),
      'multipart/related; type="application/dicom"; boundary=----',
    ],
  ])('are taken %s, each file byte for byte', async (_what, make, contentType) => {
    const study = newStudy();
    const files = [fileOf(study, 1), fileOf(study, 2)];
    const { status, stored, failed } = await post(make(files[0]!, files[1]!), contentType);
    expect({ status, stored, failed }).toEqual({ status: 200, stored: uidsOf(study, 2), failed: 0 });
    for (const [at, file] of files.entries()) {
      expect((await storedFile(study, at + 1)).equals(file), `file ${at + 1}`).toBe(true);
    }
  });

  it.each<[string, Make, string | undefined, number]>([
    ['of another boundary', (one) => bytes('--other\r\n\r\n', one, '\r\n--other--\r\n'), undefined, 400],
    ['with nothing', () => Buffer.alloc(0), undefined, 400],
    ['with no part', () => bytes('--edge--\r\n'), undefined, 400],
    [
      'with a boundary that ends in a bare line feed',
      (one) => bytes('--edge\n\n', one, '\n--edge--\n'),
      undefined,
      400,
    ],
    [
      'without a boundary in Content-Type',
      (one) => bytes(first, one, '\r\n--edge--'),
      'multipart/related; type="application/dicom"',
      400,
    ],
    [
      'with an empty boundary',
      (one) => bytes('--\r\n\r\n', one, '\r\n----'),
      'multipart/related; type="application/dicom"; boundary=""',
      400,
    ],
    ['whose parts are of another type', (one) => one, 'multipart/related; type="text/html"; boundary=edge', 415],
    [
      'whose header runs into the next boundary',
      (one) => bytes('--edge\r\nContent-Type: application/dicom\r\n--edge\r\n\r\n', one, '\r\n--edge--'),
      undefined,
      400,
    ],
  ])('%s are refused with words, and nothing is stored', async (_what, make, contentType, expected) => {
    const study = newStudy();
    const { status, type, problem } = await post(make(fileOf(study, 1), fileOf(study, 2)), contentType);
    expect({ status, type }).toEqual({ status: expected, type: 'application/problem+json' });
    expect(problem).toMatchObject({ status: expected, detail: expect.stringMatching(/\w+ \w+/) });
    expect(await storedInstances(study)).toEqual([]);
  });

  it('name the instances, too, whose data sets are not read, as their transfer syntax is not known', async () => {
    const study = newStudy();
    const uids = { study, series: `${study}.1`, instance: `${study}.1.2` };
    const unknown = buildPart10({ elements: ctElements(uids), claimedTransferSyntaxUid: '1.2.3.4' });
    const { status, stored, problem } = await post(bytes(first, fileOf(study, 1), next, unknown, '\r\n--edge--'));
    expect({ status, stored }).toEqual({ status: 202, stored: uidsOf(study, 1) });
    expect(problem).toMatchObject({
      '00081198': {
        Value: [
          {
            '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
            '00081155': { vr: 'UI', Value: [uids.instance] },
            '00081197': { vr: 'US', Value: [0xc122] },
          },
        ],
      },
    });
  });

  it('without the last boundary keep what was whole before, and name what was not', async () => {
    const study = newStudy();
    const { status, stored, failed, warning } = await post(bytes(first, fileOf(study, 1), next, fileOf(study, 2)));
    expect({ status, stored, failed }).toEqual({ status: 202, stored: uidsOf(study, 1), failed: 1 });
    expect(warning).toMatch(/in part 2: the closing boundary is missing/);
    expect(await storedInstances(study)).toEqual(uidsOf(study, 1));
  });

  it('that break off at any hundredth byte store the parts whose boundary came, say so, and leave nothing else', async () => {
    const lineBytes = '\r\n--edge'.length;
    const partBytes = [200, 1, 700];
    const bodyOf = (study: string) => {
      const ends: number[] = [];
      let body: Buffer = Buffer.alloc(0);
      for (const [at, size] of partBytes.entries()) {
        body = bytes(body, at === 0 ? first : next, fileOf(study, at + 1, Buffer.alloc(size, lookAlikes)));
        ends.push(body.length);
      }
      return { body: bytes(body, '\r\n--edge--\r\n'), ends };
    };
    const { length } = bodyOf('2.25.900000').body;
    const cuts = Array.from({ length: Math.floor(length / 100) }, (_, at) => (at + 1) * 100);
    // And where the rule turns: within the boundary lines.
    cuts.push(...bodyOf('2.25.900000').ends.flatMap((end) => [end, end + lineBytes - 1, end + lineBytes, end + 9]));
    for (const cut of cuts) {
      const study = newStudy();
      const { body, ends } = bodyOf(study);
      const whole = ends.filter((end) => cut >= end + lineBytes).length;
      const { status, stored, warning, failed, problem } = await post(body.subarray(0, cut));
      expect(stored, `${cut} bytes`).toEqual(uidsOf(study, whole));
      expect(await storedInstances(study), `${cut} bytes`).toEqual(uidsOf(study, whole));
      expect(status, `${cut} bytes`).toBe(whole === 0 ? 400 : 202);
      expect(failed, `${cut} bytes`).toBeLessThanOrEqual(1);
      if (whole > 0 || failed > 0) expect(warning).toMatch(/^299 .*"The body ends after \d+ bytes in part \d/);
      else expect(problem).toMatchObject({ status: 400, detail: expect.stringMatching(/^The body /) });
    }
    expect(await begun()).toEqual([]);
  }, 60_000);
});
