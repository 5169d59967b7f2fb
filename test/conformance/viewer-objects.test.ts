import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { pixelDataOf, sharedFile, sopInstanceUidOf, studyInstanceUidOf } from '../support/explicit-values.ts';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { type PrefixProxy, startHospitalProxy } from '../support/prefix-proxy.ts';
import { type Slice, segmentation, sliceOf, structureSet } from '../support/references-to-ct.ts';
import { hasSharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { hasViewer, launchChromium, newWindow, openViewer, type ViewerPage } from '../support/viewer-page.ts';

const left = { columns: [100, 199], rows: [200, 299] } as const;
const right = { columns: [300, 349], rows: [200, 239] } as const;

// These run in the page, where the types of this program mean nothing.
const readLabels = `window.cornerstoneTools.segmentation.state.getSegmentations().flatMap(({ segments, representationData }) =>
  (representationData.Labelmap?.imageIds ?? []).map((id) => {
    const image = window.cornerstone.cache.getImage(id);
    const found = {};
    image.voxelManager.getScalarData().forEach((value, at) => {
      if (value === 0) return;
      const [column, row] = [at % image.columns, Math.floor(at / image.columns)];
      const label = (found[segments[value].label] ??= { pixels: 0, columns: [column, column], rows: [row, row] });
      label.pixels += 1;
      label.columns = [Math.min(label.columns[0], column), Math.max(label.columns[1], column)];
      label.rows = [Math.min(label.rows[0], row), Math.max(label.rows[1], row)];
    });
    return { of: image.referencedImageId, found };
  })).filter(({ found }) => Object.keys(found).length > 0)`;

const readContours = `window.cornerstoneTools.segmentation.state.getSegmentations().flatMap(({ segments, representationData }) =>
  [...(representationData.Contour?.annotationUIDsMap ?? [])].flatMap(([segment, uids]) =>
    [...uids].map((uid) => {
      const { data, metadata } = window.cornerstoneTools.annotation.state.getAnnotation(uid);
      return { name: segments[segment].label, of: metadata.referencedImageId, points: data.contour.polyline };
    })))`;

const readLengths = `window.cornerstoneTools.annotation.state.getAllAnnotations().filter(({ metadata }) => metadata.toolName === 'Length')
  .map(({ data, metadata }) => ({ of: metadata.referencedImageId, points: data.handles.points,
    length: Object.values(data.cachedStats ?? {})[0]?.length })).filter(({ length }) => length !== undefined)`;

/** Of each viewport: its plane, and what is on the screen where everything around is darker, or brighter, than its window. */
const readPlanes = `window.cornerstone.getEnabledElements().map(({ viewport }) => {
  const canvas = viewport.getCanvas();
  const screen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const { imageData, voxelManager, dimensions } = viewport.getImageData() ?? {};
  const { lower, upper } = viewport.getProperties().voiRange;
  const points = [];
  for (let y = 10; y < canvas.clientHeight; y += 8) {
    for (let x = 10; x < canvas.clientWidth; x += 8) {
      const [i, j, k] = imageData.worldToIndex(viewport.canvasToWorld([x, y])).map(Math.round);
      if (i < 2 || j < 2 || k < 2 || i > dimensions[0] - 3 || j > dimensions[1] - 3 || k > dimensions[2] - 3) continue;
      const around = [];
      for (let a = -2; a <= 2; a++) for (let b = -2; b <= 2; b++) for (let c = -2; c <= 2; c++) around.push(voxelManager.getAtIJK(i + a, j + b, k + c));
      const level = around.every((value) => value <= lower) ? 0 : around.every((value) => value >= upper) ? 255 : undefined;
      if (level === undefined) continue;
      const scale = canvas.width / canvas.clientWidth;
      points.push([level, screen[4 * (Math.round(y * scale) * canvas.width + Math.round(x * scale))]]);
    }
  }
  return { normal: viewport.getCamera().viewPlaneNormal, points };
})`;

/** Three planes, and something in each of them. */
const isDrawn = `(() => {
  const canvases = window.cornerstone.getEnabledElements().map(({ viewport }) => viewport.getCanvas());
  return canvases.length === 3 && canvases.every((canvas) =>
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((level, at) => at % 4 === 0 && level > 0));
})()`;

const readSlide = `[...document.querySelectorAll('canvas.ol-layer')].map((canvas) => {
  const gl = canvas.getContext('experimental-webgl');
  if (gl === null) return undefined;
  const pixels = new Uint8Array(4 * gl.drawingBufferWidth * gl.drawingBufferHeight);
  gl.readPixels(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  const at = (x, y) => Array.from(pixels.subarray(4 * (y * gl.drawingBufferWidth + x)).subarray(0, 4));
  return { width: gl.drawingBufferWidth, middle: at(gl.drawingBufferWidth >> 1, gl.drawingBufferHeight >> 1), edge: at(gl.drawingBufferWidth - 20, gl.drawingBufferHeight >> 1) };
}).filter((one) => one !== undefined).sort((one, other) => other.width - one.width)[0]`;

describe.skipIf(!hasViewer || !hasSharedFiles)(
  'OHIF in Chromium (needs npm run viewer, chromium and ../shared)',
  { timeout: 180_000 },
  () => {
    let server: TestServer;
    let proxy: PrefixProxy;
    let browser: Browser;
    let window: BrowserContext;
    let viewer: string;
    let opened: ViewerPage[] = [];
    let shared: ViewerPage | undefined;
    /** By SOP Instance UID. */
    let ct: ReadonlyMap<string, Buffer>;
    /** That have segments and contours. */
    let marked: Slice[];
    const video = hasSharedFiles ? sharedFile('synth/video/h264_hp41.dcm') : Buffer.alloc(0);
    const slide = hasSharedFiles
      ? ['level0', 'level1', 'level2'].map((name) => sharedFile(`synth/wsi/${name}.dcm`))
      : [];

    beforeAll(async () => {
      const files = sharedSeries('ct_philips_58').map((path) => readFileSync(path));
      const inSpace = files.sort((one, other) => sliceOf(one).position[2] - sliceOf(other).position[2]).slice(24, 36);
      ct = new Map(inSpace.map((file) => [sopInstanceUidOf(file), file]));
      marked = inSpace.slice(4, 8).map(sliceOf);
      proxy = await startHospitalProxy('X-Forwarded-Host, -Port, -Proto and -Prefix');
      server = await startTestServer({ CAUSEWAY_TRUST_PROXY: 'true' });
      proxy.forwardTo(server.local);
      viewer = `${server.local}/viewer`;
      const answer = await stow(server.web, [
        ...inSpace,
        segmentation(marked, [
          { label: 'Left box', ...left },
          { label: 'Right box', ...right },
        ]),
        structureSet(marked, [
          { name: 'Red box', ...left },
          { name: 'Green box', ...right },
        ]),
        video,
        ...slide,
      ]);
      expect(answer.status).toBe(200);
      browser = await launchChromium();
      window = await newWindow(browser);
    });
    afterEach(async () => {
      for (const { page } of opened) await page.close();
      opened = [];
    });
    afterAll(async () => {
      await browser?.close();
      await proxy?.close();
      await server?.close();
    });

    async function open(file: Buffer): Promise<ViewerPage> {
      const page = await openViewer(window, `${viewer}/viewer?StudyInstanceUIDs=${studyInstanceUidOf(file)}`);
      opened.push(page);
      return page;
    }

    /** In a page that several tests use, one after the other: they leave nothing in it that the others would see. */
    async function openShared(file: Buffer, mode = 'viewer'): Promise<ViewerPage> {
      const url = `${proxy.url}/viewer/${mode}?StudyInstanceUIDs=${studyInstanceUidOf(file)}`;
      if (shared !== undefined) await shared.goTo(url);
      else shared = await openViewer(window, url);
      return shared;
    }

    async function openCt(): Promise<ViewerPage> {
      const shown = await open([...ct.values()][0]!);
      await shown.showing(0);
      return shown;
    }

    /** Opens what lies over the series, which asks whether to. */
    async function load(page: Page, name: string): Promise<void> {
      await page.getByText(name).first().dblclick();
      await page.getByText('Yes', { exact: true }).click();
    }

    const sopInstanceUidIn = (imageId: string) => /instances\/([0-9.]+)\//.exec(imageId)?.[1] ?? '';

    it('shows the segments of a SEG on the images that they were drawn on', async () => {
      const { page, errors, showing } = await openShared([...ct.values()][0]!);
      await showing(0);
      await load(page, 'SEG of the test');
      await page.waitForFunction(`(${readLabels}).length === 4`, undefined, { polling: 500 });
      const labels = await page.evaluate<{ of: string; found: unknown }[]>(readLabels);
      expect(new Set(labels.map(({ of }) => sopInstanceUidIn(of)))).toEqual(
        new Set(marked.map(({ instance }) => instance)),
      );
      for (const { found } of labels) {
        expect(found).toEqual({
          'Left box': { pixels: 100 * 100, ...left },
          'Right box': { pixels: 50 * 40, ...right },
        });
      }
      expect(errors).toEqual([]);
    });

    it('shows the contours of an RTSTRUCT, all of it through a proxy that changes host, port and path', async () => {
      const { page, errors, responses, showing } = await openShared([...ct.values()][0]!);
      await showing(0);
      await load(page, 'RTSTRUCT of the test');
      await page.waitForFunction(`(${readContours}).length === 8`);
      const contours = await page.evaluate<{ name: string; of: string; points: number[][] }[]>(readContours);
      for (const [name, box] of [
        ['Red box', left],
        ['Green box', right],
      ] as const) {
        const ofRegion = contours.filter((contour) => contour.name === name);
        expect(new Set(ofRegion.map(({ of }) => sopInstanceUidIn(of)))).toEqual(
          new Set(marked.map(({ instance }) => instance)),
        );
        for (const { of, points } of ofRegion) {
          const { position, spacing } = marked.find(({ instance }) => instance === sopInstanceUidIn(of))!;
          const along = points.map(([x = 0]) => (x - position[0]) / spacing[1]);
          expect(Math.min(...along)).toBeCloseTo(box.columns[0], 2);
          expect(Math.max(...along)).toBeCloseTo(box.columns[1], 2);
        }
      }
      for (const colour of ['rgba(255, 0, 0, 1)', 'rgba(0, 255, 0, 1)']) {
        await page.locator(`svg path[stroke="${colour}"]`).first().waitFor({ state: 'attached' });
      }
      expect(contours.every(({ of }) => of.includes(`${proxy.url}/dicom-web/studies/`))).toBe(true);
      expect(new Set(responses.map((response) => new URL(response.url()).origin))).toEqual(
        new Set([new URL(proxy.url).origin]),
      );
      expect(proxy.strayed).toEqual([]);
      expect(errors).toEqual([]);
    });

    it('cuts a series in three planes', async () => {
      const { page, errors, showing } = await openShared([...ct.values()][0]!);
      await showing(0);
      await page.locator('[data-cy="Layout"]').first().click();
      await page.getByText('MPR', { exact: true }).click();
      await page.waitForFunction(`window.cornerstone.cache.getVolumes().some(({ loadStatus }) => loadStatus.loaded)`);
      await page.waitForFunction(isDrawn, undefined, { polling: 250 });
      const planes = await page.evaluate<{ normal: number[]; points: [number, number][] }[]>(readPlanes);
      const main = planes.map(({ normal }) => normal.findIndex((part) => Math.abs(part) > 0.99));
      expect(main.toSorted()).toEqual([0, 1, 2]);
      for (const { points } of planes) {
        expect(points.filter(([expected, level]) => expected !== level)).toEqual([]);
        expect(new Set(points.map(([expected]) => expected))).toEqual(new Set([0, 255]));
      }
      // The voxels themselves are those of the files.
      const voxels = await page.evaluate<number[][]>(
        `window.cornerstone.cache.getVolumes()[0].imageIds.map((id) => [id, ...window.cornerstone.cache.getImage(id).voxelManager.getScalarData().subarray(256 * 512, 257 * 512)])`,
      );
      expect(voxels).toHaveLength(ct.size);
      for (const [id, ...row] of voxels) {
        const pixels = pixelDataOf(ct.get(sopInstanceUidIn(String(id)))!, 'OW').subarray(2 * 256 * 512, 2 * 257 * 512);
        expect(row).toEqual(Array.from({ length: 512 }, (_, at) => pixels.readInt16LE(2 * at) - 1024));
      }
      expect(errors).toEqual([]);
    });

    it('plays a video', async () => {
      const { page, errors, responses } = await openShared(video);
      const element =
        'window.cornerstone?.getEnabledElements?.().map(({ viewport }) => viewport.videoElement).find(Boolean)';
      await page.waitForFunction(`(${element})?.readyState === 4`);
      expect(
        await page.evaluate(
          `(({ videoWidth, videoHeight, duration }) => [videoWidth, videoHeight, duration])(${element})`,
        ),
      ).toEqual([1280, 720, 2]);
      // The viewer stops it once more where it had not yet set itself up: who presses the button again sees it play.
      await page.waitForFunction(
        `(({ paused, ended, currentTime }) => {
          if (paused && !ended && currentTime <= 0.2) window.cornerstone.getEnabledElements()[0].viewport.play();
          return currentTime > 0.2;
        })(${element})`,
        undefined,
        { polling: 250 },
      );
      const [answer] = responses.filter((response) => response.url().endsWith('/rendered'));
      expect([answer!.status(), answer!.headers()['content-type']]).toEqual([206, 'video/mp4']);
      expect(errors).toEqual([]);
    });

    it('shows a whole slide, tile by tile', async () => {
      const { page, errors, responses } = await openShared(slide[0]!, 'microscopy');
      // Tissue in the middle, glass at the side; drawn without a graphics card, which takes its time.
      await page.waitForFunction(
        `(({ middle, edge } = {}) => middle?.[3] === 255 && edge?.[3] === 255)(${readSlide})`,
        undefined,
        { polling: 500 },
      );
      const { middle, edge } = await page.evaluate<{ middle: number[]; edge: number[] }>(readSlide);
      expect(middle[0]! - middle[1]!).toBeGreaterThan(30);
      expect(middle[2]! - middle[1]!).toBeGreaterThan(30);
      expect(edge.slice(0, 3).every((level) => level > 235)).toBe(true);
      const frames = responses.filter((response) => response.url().includes('/frames/'));
      expect(frames.length).toBeGreaterThan(8);
      for (const response of frames) {
        const [part] = splitMultipart(await response.body(), response.headers()['content-type']!);
        const file = slide.find((level) => sopInstanceUidOf(level) === sopInstanceUidIn(response.url()))!;
        expect(response.status()).toBe(200);
        expect(part!.headers['Content-Type']).toBe('image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50');
        expect(file.includes(part!.body)).toBe(true);
      }
      // The viewer does not know the VR of the Extended Offset Table.
      expect(errors.filter((error) => error !== 'console: Invalid vr type OV - using UN')).toEqual([]);
    });

    it('stores a measurement as a report, and shows it again', async () => {
      const { page, errors } = await openCt();
      await page.locator('[data-cy="MeasurementTools-split-button-primary"]').click();
      await page.mouse.move(700, 300);
      await page.mouse.down();
      await page.mouse.move(800, 350, { steps: 4 });
      await page.mouse.move(900, 400, { steps: 4 });
      await page.mouse.up();
      await page.getByText('Yes', { exact: true }).click();
      await page.waitForFunction(`(${readLengths}).length === 1`);
      const [drawn] = await page.evaluate<{ of: string; points: number[][]; length: number }[]>(readLengths);
      await page.locator('[data-cy="trackedMeasurements-btn"]').click();
      await page
        .getByText(/^Create (SR|Report)$/)
        .first()
        .click();
      const stored = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByText('Save', { exact: true }).click();
      expect((await stored).status()).toBe(200);
      expect(errors).toEqual([]);

      const search = await fetch(`${server.web}/instances?Modality=SR&includefield=00081115`);
      const [report, ...others] = (await search.json()) as DicomJson[];
      expect(others).toEqual([]);
      const metadata = await fetch(`${(report!['00081190']!.Value as string[])[0]}/metadata`);
      const text = await metadata.text();
      // NumericValue, to the 16 characters of DS.
      expect(/"0040A30A":\{"vr":"DS","Value":\[([0-9.]+)\]/.exec(text)?.[1]).toBe(String(drawn!.length).slice(0, 16));
      expect(text).toContain(sopInstanceUidIn(drawn!.of));

      const again = await openCt();
      await again.page.getByText('Create Report').first().dblclick();
      await again.page.getByText('Yes', { exact: true }).click();
      await again.page.waitForFunction(`(${readLengths}).length === 1`);
      const [shown] = await again.page.evaluate<{ of: string; points: number[][]; length: number }[]>(readLengths);
      expect(shown!.length).toBeCloseTo(drawn!.length, 3);
      expect(sopInstanceUidIn(shown!.of)).toBe(sopInstanceUidIn(drawn!.of));
      for (const [at, part] of shown!.points.flat().entries()) expect(part).toBeCloseTo(drawn!.points.flat()[at]!, 3);
      expect(again.errors).toEqual([]);
    });
  },
);
