import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page, type Response } from 'playwright-core';
import { hasProgram } from './peer-programs.ts';

/** What `npm run viewer` has put in its place. */
export const hasViewer =
  existsSync(join(resolve(import.meta.dirname, '../..'), 'viewer/index.html')) && hasProgram('chromium');

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The picture that the large viewport shows. */
export interface ShownImage {
  /** Frame URL behind `wadors:`. */
  readonly imageId: string;
  readonly index: number;
  readonly images: number;
  /** The array that the viewer windows: signed 16-bit values after the rescale, or R, G, B of each pixel. */
  readonly values: Buffer;
  readonly window: { readonly lower: number; readonly upper: number };
  /** Red, green and blue on the screen at each of the pixels that were asked for. */
  readonly onScreen: readonly (readonly number[])[];
}

/** A page of the viewer, and everything that went wrong on it. */
export interface ViewerPage {
  readonly page: Page;
  /** Errors on the console, in scripts, of requests, and answers above 399. */
  readonly errors: readonly string[];
  /** All answers so far. */
  readonly responses: readonly Response[];
  /**
   * Goes to another place within the viewer as its own links do: nothing is loaded again, and what went wrong before is
   * forgotten. For tests that leave nothing behind in the page.
   */
  goTo(url: string): Promise<void>;
  /** @param pixels column and row, to read the screen at */
  shown(pixels?: readonly (readonly [number, number])[]): Promise<ShownImage>;
  /** Waits until the large viewport shows the picture with this index. */
  showing(index: number): Promise<void>;
  /** Turns the wheel by one notch over the picture that precedes this one, and waits until this one is shown. */
  scrollTo(index: number): Promise<void>;
}

// These run in the page, where the types of this program mean nothing.
const largeViewport = `window.cornerstone?.getEnabledElements?.().map((one) => one.viewport)
  .find((viewport) => viewport.getImageIds?.().length > 0 && viewport.getCornerstoneImage?.())`;

const readShown = `(pixels) => {
  const base64 = ({ buffer, byteOffset, byteLength }) => {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  const viewport = ${largeViewport};
  const image = viewport.getCornerstoneImage();
  const context = viewport.getCanvas().getContext('2d');
  const { lower, upper } = viewport.getProperties().voiRange;
  return {
    imageId: image.imageId,
    index: viewport.getCurrentImageIdIndex(),
    images: viewport.getImageIds().length,
    values: base64(image.voxelManager?.getScalarData?.() ?? image.getPixelData()),
    window: { lower, upper },
    onScreen: pixels.map((pixel) => {
      const [x, y] = viewport.worldToCanvas(window.cornerstone.utilities.imageToWorldCoords(image.imageId, pixel));
      return Array.from(context.getImageData(Math.round(x), Math.round(y), 1, 1).data).slice(0, 3);
    }),
  };
}`;

/** All pages of one test file: they share what was fetched and compiled, as the tabs of one user do. */
export function newWindow(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width: 1400, height: 900 } });
}

export async function openViewer(window: BrowserContext, url: string): Promise<ViewerPage> {
  const page = await window.newPage();
  // On two cores that others use too, a condition may take long to come true.
  page.setDefaultTimeout(90_000);
  const errors: string[] = [];
  const responses: Response[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`script: ${error.message}`));
  page.on('response', (response) => {
    responses.push(response);
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => errors.push(`${request.failure()?.errorText} ${request.url()}`));
  // The tour for new users would lie over the pictures, and swallow what the wheel says to them; so would the notice on use.
  await page.addInitScript(
    `localStorage.setItem('shownTours', '["basicViewerTour"]'); sessionStorage.setItem('investigationalUseDialog', 'hidden');`,
  );
  await page.goto(url);

  async function showing(index: number): Promise<void> {
    await page.waitForFunction(`(${largeViewport})?.getCurrentImageIdIndex() === ${index}`);
    // A picture is on the screen one frame after it is in the viewport.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  }

  /** As the viewer's router hears of it. */
  async function travel(path: string): Promise<void> {
    const state = `{ idx: (history.state?.idx ?? 0) + 1, key: String(performance.now()), usr: null }`;
    await page.evaluate(
      `history.pushState(${state}, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate', { state: history.state }))`,
    );
  }

  return {
    page,
    errors,
    responses,
    async goTo(there) {
      const { pathname, search } = new URL(there);
      // By way of nowhere, so that nothing of what is shown now is taken for what is to be shown.
      await travel(`${pathname.replace(/\/viewer\/.*/, '/viewer/')}nowhere`);
      await page.waitForFunction(
        `!document.querySelector('tbody') && (window.cornerstone?.getEnabledElements?.() ?? []).length === 0`,
      );
      errors.length = 0;
      responses.length = 0;
      await travel(pathname + search);
    },
    async shown(pixels = []) {
      const call = `(${readShown})(${JSON.stringify(pixels)})`;
      const image = await page.evaluate<Omit<ShownImage, 'values'> & { readonly values: string }>(call);
      return { ...image, values: Buffer.from(image.values, 'base64') };
    },
    showing,
    async scrollTo(index) {
      const moved = `(${largeViewport})?.getCurrentImageIdIndex() !== ${index - 1}`;
      await page.mouse.move(700, 400);
      // The viewer shows pictures before its tools listen to the wheel.
      for (let notches = 0; notches < 6; notches++) {
        await page.mouse.wheel(0, 100);
        const [seen] = await Promise.allSettled([page.waitForFunction(moved, undefined, { timeout: 5_000 })]);
        if (seen.status === 'fulfilled') break;
      }
      await showing(index);
    },
  };
}
