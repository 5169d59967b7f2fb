import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  elementValue,
  pixelDataOf,
  sharedFile,
  sopInstanceUidOf,
  studyInstanceUidOf,
} from '../support/explicit-values.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasSharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import {
  hasViewer,
  launchChromium,
  newWindow,
  openViewer,
  type ShownImage,
  type ViewerPage,
} from '../support/viewer-page.ts';

describe.skipIf(!hasViewer || !hasSharedFiles)(
  'OHIF in Chromium (needs npm run viewer, chromium and ../shared)',
  { timeout: 180_000 },
  () => {
    let server: TestServer;
    let browser: Browser;
    let window: BrowserContext;
    let viewer: string;
    let opened: ViewerPage | undefined;
    const ct = new Map<string, Buffer>();
    let us: Buffer;
    let pdf: Buffer;

    beforeAll(async () => {
      for (const path of sharedSeries('ct_philips_58')) {
        const file = readFileSync(path);
        ct.set(sopInstanceUidOf(file), file);
      }
      us = sharedFile('synth/us/cine_rgb_native.dcm');
      pdf = sharedFile('synth/docs/pdf.dcm');
      server = await startTestServer();
      viewer = server.web.replace('/dicom-web', '/viewer');
      const answer = await stow(server.web, [...ct.values(), us, sharedFile('synth/us/cine_jpeg_bot.dcm'), pdf]);
      expect(answer.status).toBe(200);
      browser = await launchChromium();
      window = await newWindow(browser);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    async function open(path: string): Promise<ViewerPage> {
      if (opened !== undefined) await opened.goTo(viewer + path);
      else opened = await openViewer(window, viewer + path);
      return opened;
    }

    /** A list keeps what it was narrowed by while its page lives. */
    async function openAnew(path: string): Promise<ViewerPage> {
      await opened?.page.close();
      opened = undefined;
      return open(path);
    }

    async function rows(page: Page, count: number): Promise<string> {
      const studies = page.locator('tbody tr').filter({ hasText: /\d{2}-[A-Z][a-z]{2}-\d{4}/ });
      await expect.poll(() => studies.count()).toBe(count);
      return (await studies.allInnerTexts()).join('\n');
    }

    it('lists the studies, and filters them by what is typed into the columns', async () => {
      const { page, errors } = await open('/');
      await rows(page, 3);
      for (const [column, text, found] of [
        [0, 'head', '1A TRAUMA/PLAIN HEAD DM'],
        [4, 'TRAUMA', '1A TRAUMA/PLAIN HEAD DM'],
        [5, 'SYDUS', 'Synthetic US'],
      ] as const) {
        await page.locator('input').nth(column).fill(text);
        expect(await rows(page, 1)).toContain(found);
        await page.locator('input').nth(column).fill('');
        await rows(page, 3);
      }
      expect(errors).toEqual([]);
    });

    it.each([
      ['mrn=LASTI', '1A TRAUMA'],
      ['modalities=CT', '1A TRAUMA'],
      ['startDate=20150101&endDate=20151231', '1A TRAUMA'],
    ])('lists the one study of %s', async (query, found) => {
      const { page, errors } = await openAnew(`/?${query}`);
      expect(await rows(page, 1)).toContain(found);
      expect(errors).toEqual([]);
    });

    it('shows a CT series as it is in the files, and scrolls through it', async () => {
      const study = studyInstanceUidOf([...ct.values()][0]!);
      const { errors, shown, showing, scrollTo } = await open(`/viewer?StudyInstanceUIDs=${study}`);
      await showing(0);
      expect((await shown()).images).toBe(58);
      const seen = new Set<string>();
      for (const index of [0, 1, 2, 3]) {
        if (index > 0) await scrollTo(index);
        const image = await shown();
        const file = ct.get(/instances\/([0-9.]+)\//.exec(image.imageId)?.[1] ?? '')!;
        seen.add(image.imageId);
        const pixelData = pixelDataOf(file, 'OW');
        const expected = Buffer.alloc(pixelData.length);
        for (let at = 0; at < expected.length; at += 2) expected.writeInt16LE(pixelData.readInt16LE(at) - 1024, at);
        expect(image.values.equals(expected)).toBe(true);
        expect(image.window).toEqual({ lower: 0, upper: 79 });
        const { points, levels } = flatPoints(image);
        const { onScreen } = await shown(points);
        expect(onScreen).toEqual(levels);
      }
      expect(seen.size).toBe(4);
      expect(errors).toEqual([]);
    });

    it('shows a multi-frame US in the colours of its file', async () => {
      const { page, errors, shown, showing, scrollTo } = await open(
        `/viewer?StudyInstanceUIDs=${studyInstanceUidOf(us)}`,
      );
      await showing(0);
      // An orange disc in the middle, in each of the two series: JPEG here …
      const [disc] = (await shown([[320, 240]])).onScreen;
      expect(disc![0]).toBeGreaterThan(200);
      expect(disc![2]).toBeLessThan(80);
      // … and native RGB there.
      await page.getByText('us/cine_rgb_native').first().dblclick();
      await expect.poll(async () => (await shown()).images).toBe(20);
      const pixelData = pixelDataOf(us, 'OB');
      const frameBytes = 320 * 240 * 3;
      for (const index of [0, 1, 2]) {
        await (index > 0 ? scrollTo(index) : showing(index));
        const image = await shown();
        expect(image.imageId).toMatch(new RegExp(`/frames/${index + 1}$`));
        const frame = pixelData.subarray(index * frameBytes, (index + 1) * frameBytes);
        expect(image.values.equals(frame)).toBe(true);
      }
      expect(errors).toEqual([]);
    });

    it('shows a PDF', async () => {
      const { page, errors, responses } = await open(`/viewer?StudyInstanceUIDs=${studyInstanceUidOf(pdf)}`);
      await page.locator('object[type="application/pdf"]').waitFor();
      const answer = responses.find((response) => response.url().endsWith('/bulkdata/00420011'))!;
      // The last byte makes the length even; EncapsulatedDocumentLength counts the others.
      const document = elementValue(pdf, [0x42, 0, 0x11, 0], 'OB').subarray(0, -1);
      expect(answer.headers()['content-type']).toBe('application/pdf');
      expect((await answer.body()).equals(document)).toBe(true);
      expect(errors).toEqual([]);
    });
  },
);

/** Pixels in the middle of 9 by 9 that are all black or all white in this window, which no interpolation can change. */
function flatPoints({ values, window }: ShownImage): { points: [number, number][]; levels: number[][] } {
  const points: [number, number][] = [];
  const levels: number[][] = [];
  const level = (column: number, row: number) => {
    const value = values.readInt16LE(2 * (row * 512 + column));
    return value < window.lower ? 0 : value > window.upper ? 255 : undefined;
  };
  for (let row = 40; row < 470; row += 7) {
    for (let column = 10; column < 500; column += 7) {
      const middle = level(column, row);
      const flat = Array.from({ length: 81 }, (_, at) => level(column - 4 + (at % 9), row - 4 + Math.floor(at / 9)));
      if (middle === undefined || flat.some((one) => one !== middle)) continue;
      // Of the black ones there are too many.
      if (middle === 0 && (row + column) % 13 !== 0) continue;
      points.push([column, row]);
      levels.push([middle, middle, middle]);
    }
  }
  return { points, levels };
}
