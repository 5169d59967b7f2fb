import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPart10, ctElements, element, pixelElements } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedDicomDir } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let directory: string;

beforeAll(async () => {
  server = await startTestServer();
  directory = await mkdtemp(join(tmpdir(), 'causeway-overlays-'));
});
afterAll(async () => {
  await server?.close();
  await rm(directory, { recursive: true, force: true });
});

const window = { center: 2048, width: 4096 };

async function ours(study: string, series: string, instance: string): Promise<Buffer> {
  const query = new URLSearchParams({
    requestType: 'WADO',
    studyUID: study,
    seriesUID: series,
    objectUID: instance,
    contentType: 'image/png',
    windowCenter: String(window.center),
    windowWidth: String(window.width),
  });
  const response = await fetch(`${new URL(server.web).origin}/wado?${query}`);
  expect(response.status).toBe(200);
  return sharp(Buffer.from(await response.arrayBuffer()))
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

/** A binary PGM: its pixels are what it ends with. */
async function theirs(path: string, pixels: number): Promise<Buffer> {
  const picture = join(directory, 'picture.pgm');
  const { code, output } = await runProgram('dcm2pnm', [
    ...['+O', '0', '+Ww', `${window.center}`, `${window.width}`, '+op'],
    ...[path, picture],
  ]);
  expect({ code, output }).toMatchObject({ code: 0 });
  return (await readFile(picture)).subarray(-pixels);
}

/** DCMTK rounds its window down: a level may differ by one. */
async function expectSamePicture(path: string, uids: readonly [string, string, string]): Promise<void> {
  expect((await stow(server.web, [await readFile(path)])).status).toBe(200);
  const one = await ours(...uids);
  const other = await theirs(path, one.length);
  expect(one.length).toBe(other.length);
  let largest = 0;
  let white = 0;
  for (let pixel = 0; pixel < one.length; pixel++) {
    largest = Math.max(largest, Math.abs((one[pixel] as number) - (other[pixel] as number)));
    if (one[pixel] === 255) white += 1;
  }
  expect(largest).toBeLessThanOrEqual(1);
  expect(white).toBeGreaterThan(0);
}

describe('overlays', () => {
  it('in the bits beside the pixel values look as DCMTK shows them', async (context) => {
    if (!hasProgram('dcm2pnm')) return context.skip('not here: dcm2pnm');
    const words = Uint16Array.from({ length: 64 * 64 }, (_, index) => (index % 4096) | (index % 7 === 0 ? 0x4000 : 0));
    const pixels = pixelElements({ rows: 64, columns: 64, pixelData: new Uint8Array(words.buffer) }).map((built) =>
      built.tag === '00280101'
        ? element('00280101', 'US', [12])
        : built.tag === '00280102'
          ? element('00280102', 'US', [11])
          : built,
    );
    const overlay = [
      element('60000010', 'US', [64]),
      element('60000011', 'US', [64]),
      element('60000040', 'CS', 'G'),
      element('60000050', 'SS', Buffer.from([1, 0, 1, 0])),
      element('60000100', 'US', [16]),
      element('60000102', 'US', [14]),
    ];
    const uids = ['2.25.71', '2.25.72', '2.25.73'] as const;
    const path = join(directory, 'embedded.dcm');
    const [study, series, instance] = uids;
    await writeFile(path, buildPart10({ elements: ctElements({ study, series, instance }, ...pixels, ...overlay) }));
    await expectSamePicture(path, uids);
  });

  it('of a real file look as DCMTK shows them', async (context) => {
    if (!hasProgram('dcm2pnm') || !hasSharedFiles) return context.skip('not here: dcm2pnm or the shared DICOM files');
    const path = join(sharedDicomDir, 'real/pydicom+pydicom/test_files/examples_overlay.dcm');
    await expectSamePicture(path, [
      '1.2.124.113532.10.122.1.203.20051130.122937.2950157',
      '1.3.12.2.1107.5.2.30.25641.30010005113009191059300000190',
      '1.2.826.0.1.3680043.8.498.56065470899706926608807826667383533307',
    ]);
  });
});
