import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { peerDefaults } from '../../src/peers/parse-known-peer.ts';
import { buildPage, seriousViolations, type WatchedPage, watchedPage } from '../support/built-page.ts';
import { buildPart10, ctElements } from '../support/dicom-builder.ts';
import { seriesInstanceUidOf, sharedFile, sopInstanceUidOf, studyInstanceUidOf } from '../support/explicit-values.ts';
import { answerJson, startHttpReceiver } from '../support/http-receiver.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { hasViewer, launchChromium } from '../support/viewer-page.ts';
import { zipArchive } from '../support/zip-builder.ts';

const desktop = { width: 1280, height: 900 };
const phone = { width: 360, height: 740 };

/** A folder for pictures of all pages, to be looked at. */
const screenshots = process.env['PAGE_SCREENSHOTS'];

const canRun = hasSharedFiles && hasProgram('chromium') && hasProgram('storescu');

describe.skipIf(!canRun)('the web page in Chromium (needs chromium, dcmtk and ../shared)', { timeout: 120_000 }, () => {
  let server: TestServer;
  let browser: Browser;
  let window: BrowserContext;
  let page: Page;
  let errors: WatchedPage['errors'];
  let dir: string;
  let inbox: string;
  const ct = sharedSeries('ct_philips_58').slice(0, 30);
  const first = ct[0] === undefined ? Buffer.alloc(0) : readFileSync(ct[0]);
  const us = () => sharedFile('synth/us/cine_rgb_native.dcm');

  /** A file with the UIDs of one that is stored, and other pixels. */
  function changedFile(): string {
    const changed = Buffer.from(first);
    changed.writeUInt8((first.at(-1)! + 1) & 0xff, first.length - 1);
    const path = join(dir, 'changed.dcm');
    writeFileSync(path, changed);
    return path;
  }

  beforeAll(async () => {
    buildPage();
    dir = mkdtempSync(join(tmpdir(), 'causeway-page-'));
    inbox = mkdtempSync(join(tmpdir(), 'causeway-inbox-'));
    server = await startTestServer({ CAUSEWAY_STRICT_AE_TITLE: 'true' });
    const files = [...ct.map((path) => readFileSync(path)), us(), sharedFile('synth/docs/pdf.dcm')];
    expect((await stow(server.web, files)).status).toBe(200);
    browser = await launchChromium();
    window = await browser.newContext({
      viewport: desktop,
      // Colours between the light and the dark ones are looked at by nobody.
      reducedMotion: 'reduce',
      timezoneId: 'Asia/Kolkata',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    ({ page, errors } = await watchedPage(window));
    await page.goto(`${server.local}/`);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    for (const one of [dir, inbox]) if (one !== undefined) rmSync(one, { recursive: true, force: true });
  });
  // What goes wrong anywhere goes wrong.
  afterEach(() => expect(errors.splice(0)).toEqual([]));

  const goTo = (path: string) => page.goto(server.local + path);
  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
  const rows = (table: string) => page.getByRole('table', { name: table }).getByRole('row');
  const dicom = (...args: string[]) => ['-aet', 'ROOM_3', ...args, '127.0.0.1', String(server.dimsePort)];

  /** What the server says no with. */
  const refuse = (route: Route, status: number, detail: string, headers: Record<string, string> = {}) =>
    route.fulfill({
      status,
      headers,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status, detail }),
    });

  /** Leaves requests unanswered until the test wants to know no more of what is shown meanwhile. */
  async function held(url: string, method = 'GET'): Promise<() => Promise<void>> {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const goingOn: Promise<void>[] = [];
    await page.route(url, (route) => {
      const isHeld = route.request().method() === method;
      const gone = isHeld ? released.then(() => route.continue()) : route.continue();
      goingOn.push(gone);
      return gone;
    });
    return async () => {
      release();
      await Promise.all(goingOn);
      await page.unroute(url);
    };
  }

  /** What a link or button gives to keep. */
  async function downloaded(link: Locator): Promise<Buffer> {
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    return readFileSync(await download.path());
  }

  describe('at home', () => {
    it('tells what to type into a modality, and copies it', async () => {
      await goTo('/');
      const section = page.getByRole('region', { name: 'Type this into the modality' });
      await section.getByText(String(server.dimsePort), { exact: true }).waitFor();
      await section.getByText('CAUSEWAY', { exact: true }).waitFor();
      await section.getByRole('button', { name: 'Copy: Port' }).click();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(String(server.dimsePort));
    });

    it('shows what arrives while it arrives, and why what was refused was refused', async () => {
      const feed = page.getByRole('list', { name: 'Send a test' });
      await page.getByText('Listening', { exact: true }).waitFor();
      await runProgram('echoscu', dicom('-aec', 'CAUSEWAY'));
      await feed.getByText('C-ECHO answered').first().waitFor();
      await runProgram('storescu', [...dicom('-aec', 'CAUSEWAY'), ct[0]!]);
      const arrived = feed.getByRole('listitem').filter({ hasText: 'C-STORE' }).first();
      await arrived.waitFor();
      expect(await arrived.innerText()).toMatch(/ROOM_3 · 127\.0\.0\.1/);
      await runProgram('storescu', [...dicom('-aec', 'CAUSEWAY'), changedFile()]);
      const kept = feed.getByRole('listitem').filter({ hasText: 'C-STORE refused' });
      expect(await kept.innerText()).toMatch(/ROOM_3[\s\S]*its content is different/i);
      await runProgram('echoscu', dicom('-aec', 'SOMEBODY'));
      const refused = feed.getByRole('listitem').filter({ hasText: 'Association refused' });
      expect(await refused.innerText()).toMatch(/ROOM_3 · 127\.0\.0\.1 called SOMEBODY .*AE title/i);
    });

    it('shows health, disk, what is stored and what came', async () => {
      await page.getByText('All is well').waitFor();
      await page.getByText('in 3 studies, 3 series').waitFor();
      await page.getByText(/free of/).waitFor();
      await page.getByRole('img', { name: /^3[2-9] images/ }).waitFor();
    });
  });

  describe('the tables', () => {
    it('lead from an image to its series, study and patient, and back', async () => {
      await goTo('/status/images?text=HEAD');
      await rows('Images').nth(1).getByRole('link').first().click();
      await heading(/CT Image Storage/).waitFor();
      const path = page.getByRole('navigation', { name: 'Where this is' });
      await path.getByRole('link', { name: 'STEREOTAXIS' }).click();
      await heading('CT · STEREOTAXIS').waitFor();
      await path.getByRole('link', { name: '1A TRAUMA/PLAIN HEAD DM' }).click();
      await heading('1A TRAUMA/PLAIN HEAD DM').waitFor();
      await path.getByRole('link', { name: 'HEAD' }).click();
      await heading('HEAD').waitFor();
      await rows('Studies').nth(1).getByRole('link', { name: '1A TRAUMA/PLAIN HEAD DM' }).click();
      await rows('Series').nth(1).getByRole('link').click();
      await rows('Images').nth(1).getByRole('link').first().click();
      await heading(/CT Image Storage/).waitFor();
    });

    it('are narrowed by text, drop-downs and dates, and turn their pages on the server', async () => {
      await goTo('/status/studies');
      expect(await count('Studies', 3)).toBe(3);
      await page.getByLabel('Search').fill('head');
      expect(await count('Studies', 1)).toBe(1);
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByLabel('Modality').selectOption('US');
      expect(await count('Studies', 1)).toBe(1);
      const [asked] = await Promise.all([
        page.waitForRequest(/\/api\/studies\?.*from=/),
        page.getByLabel('From').fill('2999-01-01'),
      ]);
      // The day of who looks, as times are shown in theirs.
      expect(new URL(asked.url()).searchParams.get('from')).toBe('2998-12-31T18:30:00.000Z');
      await page.getByText('Nothing here.').waitFor();
      expect(new URL(page.url()).search).toBe('?modality=US&from=2999-01-01');
      // What is typed in two fields holds in both, and what links change shows.
      await page.getByLabel('Search').fill('us');
      await page.getByLabel('Patient ID').fill('NOBODY');
      await expect.poll(() => new URL(page.url()).search).toBe('?modality=US&from=2999-01-01&text=us&patient=NOBODY');
      await page
        .getByRole('navigation', { name: 'Tables' })
        .getByRole('link', { name: /^Studies/ })
        .click();
      expect(await count('Studies', 3)).toBe(3);
      for (const label of ['Search', 'From', 'Modality', 'Patient ID']) {
        expect([label, await page.getByLabel(label).inputValue()]).toEqual([label, '']);
      }
      // What is still typed when all is cleared does not come to hold.
      await page.getByLabel('Search').fill('nothing like this');
      await page.getByRole('button', { name: 'Clear' }).click();
      expect(await page.getByLabel('Search').inputValue()).toBe('');
      await page.getByLabel('Patient ID').fill('NOBODY');
      // Typed later, it holds later.
      await expect.poll(() => new URL(page.url()).search).toMatch(/patient=NOBODY/);
      expect(new URL(page.url()).search).toBe('?patient=NOBODY');

      await goTo('/status/images?limit=25&modality=CT');
      await page.getByText('1–25 of 30').waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('26–30 of 30').waitFor();
      expect(await count('Images', 5)).toBe(5);
      expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Previous' }).click();
      await page.getByText('1–25 of 30').waitFor();
    });

    it('show what was asked for before as old while the new is on its way', async () => {
      await goTo('/status/studies');
      expect(await count('Studies', 3)).toBe(3);
      const answer = await held('**/api/studies?*');
      await page.getByLabel('Modality').selectOption('US');
      await page.locator('section[aria-label="Studies"][aria-busy="true"][inert]').waitFor();
      await answer();
      expect(await count('Studies', 1)).toBe(1);
      expect(await page.locator('[inert]').count()).toBe(0);
    });

    async function count(table: string, wanted: number): Promise<number> {
      // One row is that of the headers.
      await expect.poll(() => rows(table).count()).toBe(wanted + 1);
      return wanted;
    }

    it('show new rows as they come', async () => {
      await goTo('/status/patients');
      expect(await count('Patients', 3)).toBe(3);
      expect((await stow(server.web, [sharedFile('synth/us/cine_jpeg_bot.dcm')])).status).toBe(200);
      await page
        .getByRole('navigation', { name: 'Tables' })
        .getByText(/^Images\s*33$/)
        .waitFor();
    });
  });

  describe('an image', () => {
    const path = () =>
      `/studies/${studyInstanceUidOf(first)}/series/${seriesInstanceUidOf(first)}/instances/${sopInstanceUidOf(first)}`;

    const shownWidth = () => page.evaluate<number>(`document.querySelector('.picture img').naturalWidth`);

    it('is shown with its picture and every value, and all attributes can be searched', async () => {
      await goTo(`/status/images/${sopInstanceUidOf(first)}`);
      await page.getByRole('img', { name: 'Preview' }).waitFor();
      await expect.poll(shownWidth).toBe(1024);
      await page.getByText(sopInstanceUidOf(first)).first().waitFor();
      await page.getByText('512 × 512').waitFor();
      const tree = page.getByRole('region', { name: 'DICOM attributes' }).locator('.tree');
      await tree.getByText('StudyInstanceUID').waitFor();
      await page.getByLabel('Tag, keyword or value').fill('pixelspac');
      await page.getByText('1 attribute', { exact: true }).waitFor();
      expect(await tree.innerText()).toContain('(0028,0030)');
      // Inside a sequence, by its value.
      await page.getByLabel('Tag, keyword or value').fill('0008,1150');
      await tree.getByText('ReferencedSOPClassUID').first().waitFor();
    });

    it('shows each of its frames, and values beyond the first of many', async () => {
      const values = Array.from({ length: 100 }, (_, at) => 7_000 + at);
      await page.route('**/metadata', async (route) => {
        const [dataSet] = (await (await route.fetch()).json()) as object[];
        await route.fulfill({ json: [{ ...dataSet, '00283006': { vr: 'US', Value: values } }] });
      });
      await goTo(`/status/images/${sopInstanceUidOf(us())}`);
      await page.getByRole('img', { name: 'Frame 1 of 20' }).waitFor();
      await page.getByRole('slider', { name: 'Frame' }).press('ArrowRight');
      await page.getByRole('img', { name: 'Frame 2 of 20' }).waitFor();
      const png = page.getByRole('link', { name: 'Download PNG' });
      expect(await png.getAttribute('href')).toContain('/frames/2/rendered');
      expect(await png.getAttribute('download')).toBe(`${sopInstanceUidOf(us())}-2.png`);
      await expect.poll(shownWidth).toBeGreaterThan(0);
      await page.getByLabel('Tag, keyword or value').fill('7099');
      await page.getByText('1 attribute', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Show the next 36' }).click();
      await page.getByText('7098 \\ 7099', { exact: false }).waitFor();
      await page.unroute('**/metadata');
    });

    it('says why there is no picture of it', async () => {
      await page.route('**/rendered?*', (route) => refuse(route, 406, 'These pixels cannot be decoded.'));
      await goTo(`/status/images/${sopInstanceUidOf(first)}`);
      const alert = page.getByRole('alert').filter({ hasText: 'There is no picture' });
      await alert.getByText('These pixels cannot be decoded.').waitFor();
      await page.unroute('**/rendered?*');
      expect(errors.splice(0)).toEqual([expect.stringContaining('406'), expect.stringContaining('406')]);
    });

    it('is shown with its picture that failed only once', async () => {
      let asked = 0;
      await page.route('**/rendered?*', (route) => {
        asked += 1;
        return asked === 1 ? refuse(route, 503, 'Busy.') : route.continue();
      });
      await goTo(`/status/images/${sopInstanceUidOf(first)}`);
      await expect.poll(shownWidth).toBe(1024);
      await page.unroute('**/rendered?*');
      expect([asked, errors.splice(0)]).toEqual([3, [expect.stringContaining('503')]]);
    });

    it.skipIf(!hasViewer)('is shown by the viewer, beside the page (needs npm run viewer)', async () => {
      await goTo(`/status/series/${seriesInstanceUidOf(first)}`);
      const [viewer] = await Promise.all([
        window.waitForEvent('page'),
        page.getByRole('link', { name: 'Open in viewer' }).click(),
      ]);
      await viewer.waitForFunction(
        'window.cornerstone?.getEnabledElements?.().some(({ viewport }) => viewport.getCornerstoneImage?.())',
        undefined,
        { timeout: 90_000 },
      );
      await viewer.close();
    });

    it('is downloaded as it is stored, as PNG, and in a zip of its study or series', async () => {
      await goTo(`/status/images/${sopInstanceUidOf(first)}`);
      const stored = await fetch(
        `${server.web}${path()}?accept=${encodeURIComponent('application/dicom; transfer-syntax=*')}`,
      );
      const file = await downloaded(page.getByRole('link', { name: 'Download DICOM' }));
      expect(file.equals(Buffer.from(await stored.arrayBuffer()))).toBe(true);
      const png = await downloaded(page.getByRole('link', { name: 'Download PNG' }));
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      await goTo(`/status/studies/${studyInstanceUidOf(us())}`);
      const zip = await downloaded(page.getByRole('link', { name: 'Download zip' }));
      expect(zip.subarray(0, 2).toString()).toBe('PK');
      await rows('Series').nth(1).getByRole('link').first().click();
      await page.waitForURL('**/status/series/*');
      const ofSeries = await downloaded(page.getByRole('link', { name: 'Download zip' }));
      expect(ofSeries.subarray(0, 2).toString()).toBe('PK');
    });

    it('is shown as it is when it was corrected while it was looked at', async () => {
      const pdf = sharedFile('synth/docs/pdf.dcm');
      await goTo(`/status/images/${sopInstanceUidOf(pdf)}`);
      const tree = page.getByRole('region', { name: 'DICOM attributes' }).locator('.tree');
      await tree.getByText('StudyInstanceUID').waitFor();
      const { status } = await fetch(`${server.web.replace('/dicom-web', '/v2/dicom-web')}/studies/$bulkUpdate`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          studyInstanceUids: [studyInstanceUidOf(pdf)],
          changeDataset: { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Corrected^Name' }] } },
        }),
      });
      expect(status).toBe(202);
      await tree.getByText('Corrected^Name').waitFor();
    });

    it('is deleted when that was confirmed', async () => {
      const last = readFileSync(ct.at(-1)!);
      await goTo(`/status/images/${sopInstanceUidOf(last)}`);
      await page.getByRole('button', { name: 'Delete' }).click();
      const dialog = page.getByRole('dialog', { name: /^Delete CT Image Storage/ });
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Delete' }).click();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await heading('CT · STEREOTAXIS').waitFor();
      expect((await fetch(`${server.local}/api/images/${sopInstanceUidOf(last)}`)).status).toBe(404);
      // What is shown of it is read again.
      await page.getByText('1–29 of 29').waitFor();
    });

    it('is deleted with its series, and with its study', async () => {
      const study = '2.25.7700';
      const files = [1, 2].map((n) =>
        buildPart10({ elements: ctElements({ study, series: `${study}.${n}`, instance: `${study}.${n}.1` }) }),
      );
      expect((await stow(server.web, files)).status).toBe(200);
      await goTo(`/status/series/${study}.1`);
      const dialog = page.getByRole('dialog');
      await page.getByRole('button', { name: 'Delete' }).waitFor();
      // What came to another node, of which no event tells here, is counted before it is deleted.
      await page.route(`**/api/series/${study}.1`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...((await response.json()) as object), instances: 500 } });
      });
      await page.getByRole('button', { name: 'Delete' }).click();
      await dialog.getByText('The series with its 500 images is deleted here, for good.', { exact: false }).waitFor();
      await page.unroute(`**/api/series/${study}.1`);
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Delete' }).click();
      await dialog.getByText('The series with its 1 image is deleted here, for good.', { exact: false }).waitFor();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.waitForURL(`**/status/studies/${study}`);
      await rows('Series').nth(1).waitFor();
      expect(await rows('Series').count()).toBe(2);
      await page.getByRole('button', { name: 'Delete' }).click();
      await dialog.getByText('The study with its 1 series and 1 image', { exact: false }).waitFor();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await heading('Studies').waitFor();
      expect((await fetch(`${server.local}/api/studies/${study}`)).status).toBe(404);
    });

    it('takes what is above it with it where it is the last, and one is where something is left', async () => {
      const pdf = sharedFile('synth/docs/pdf.dcm');
      await goTo(`/status/images/${sopInstanceUidOf(pdf)}`);
      await page.getByRole('button', { name: 'Delete' }).click();
      const dialog = page.getByRole('dialog');
      let answer = () => {};
      const held = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await page.route('**/dicom-web/studies/**', async (route) => {
        if (route.request().method() === 'DELETE') await held;
        await route.continue();
      });
      const [request] = await Promise.all([
        page.waitForRequest((one) => one.method() === 'DELETE'),
        dialog.getByRole('button', { name: 'Delete' }).click(),
      ]);
      // While it is under way nobody is told that it is not.
      await page.keyboard.press('Escape');
      expect(await dialog.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true);
      answer();
      await request.response();
      await heading('Studies').waitFor();
      await page.unroute('**/dicom-web/studies/**');
      expect(
        await rows('Studies')
          .filter({ hasText: studyInstanceUidOf(pdf) })
          .count(),
      ).toBe(0);
      expect((await stow(server.web, [pdf])).status).toBe(200);
      await page
        .getByRole('navigation', { name: 'Tables' })
        .getByText(/^Studies\s*3$/)
        .waitFor();
    });
  });

  describe('an upload', () => {
    it('takes files, folders and zips, and says of each what became of it', async () => {
      await goTo('/upload');
      writeFileSync(join(dir, 'notes.txt'), 'This is no DICOM file.');
      writeFileSync(join(dir, 'cine.zip'), zipArchive([{ name: 'a/us.dcm', bytes: us() }]));
      changedFile();
      await page.getByLabel('Choose a folder').setInputFiles(dir);
      const outcomes = page.getByRole('table', { name: 'Files' });
      await page.getByRole('heading', { name: '3 files: 1 stored, 2 refused' }).waitFor();
      const row = (name: string) => outcomes.getByRole('row').filter({ hasText: name });
      expect(await row('notes.txt').innerText()).toMatch(/Refused[\s\S]*(not|no) DICOM/i);
      expect(await row('changed.dcm').innerText()).toMatch(/Refused[\s\S]*its content is different/i);
      expect(await row('cine.zip').innerText()).toMatch(/Stored[\s\S]*1 image stored/i);
      // The server answers a request of which nothing was stored with 409, which browsers report.
      expect(errors.splice(0)).toEqual([expect.stringContaining('409'), expect.stringContaining('409')]);

      await page.getByRole('button', { name: 'Clear the list' }).click();
      await page.getByLabel('Choose files').setInputFiles(ct.slice(0, 12));
      await page.getByRole('heading', { name: '12 files: 12 stored' }).waitFor();
      await outcomes.getByRole('link', { name: 'Show it' }).first().click();
      await heading(/CT Image Storage/).waitFor();
    });

    it('takes what is dropped', async () => {
      await goTo('/upload');
      const bytes = us().toString('base64');
      await page.locator('.drop').waitFor();
      await page.evaluate(`(() => {
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob(${JSON.stringify(bytes)}), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], 'dropped.dcm'));
        document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      })()`);
      await page.getByRole('heading', { name: '1 file: 1 stored' }).waitFor();
    });

    it('takes folders and zips that are dropped, and shows how far each has come', async () => {
      await goTo('/upload');
      const folder = join(dir, 'dropped');
      mkdirSync(join(folder, 'deeper'), { recursive: true });
      writeFileSync(join(folder, 'deeper', 'one.dcm'), first);
      const zip = join(dir, 'cine.zip');
      const area = (await page.locator('.drop').boundingBox())!;
      const answer = await held('**/dicom-web/studies', 'POST');
      const devtools = await window.newCDPSession(page);
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        const data = { items: [], files: [folder, zip], dragOperationsMask: 1 };
        await devtools.send('Input.dispatchDragEvent', { type, x: area.x + 20, y: area.y + 20, data });
      }
      for (const name of ['dropped/deeper/one.dcm', 'cine.zip']) {
        // As wide as what has been sent.
        await page.getByRole('progressbar', { name: `Progress of ${name}` }).waitFor({ state: 'attached' });
      }
      await answer();
      await page.getByRole('heading', { name: '2 files: 2 stored' }).waitFor();
      rmSync(folder, { recursive: true });
    });
  });

  describe('the configuration', () => {
    it('knows peers, tries whether they are there, and forgets them', async () => {
      await goTo('/config/peers');
      await page.getByRole('button', { name: 'Add a peer' }).click();
      const form = page.getByRole('dialog', { name: 'Add a peer' });
      const title = form.getByRole('textbox', { name: 'AE title', exact: true });
      await title.waitFor();
      // Nobody has done anything wrong yet.
      expect(await form.getByText('This is needed.').count()).toBe(0);
      await form.getByRole('textbox', { name: 'Host name or IP address' }).focus();
      await page.keyboard.press('Tab');
      await form.getByText('This is needed.').waitFor();
      await form.getByRole('button', { name: 'Save' }).click();
      await title.and(page.locator('[aria-invalid="true"]:focus')).waitFor();
      await title.fill('OURSELVES');
      await form.getByRole('textbox', { name: 'Host name or IP address' }).fill('127.0.0.1 ');
      await form.getByText('This does not have the right form.').waitFor();
      await form.getByRole('button', { name: 'Save' }).click();
      await form.locator('[aria-invalid="true"]:focus').waitFor();
      await form.getByRole('textbox', { name: 'Host name or IP address' }).fill('127.0.0.1');
      await form.getByRole('textbox', { name: 'Port', exact: true }).fill(String(server.dimsePort));
      await form.getByRole('button', { name: 'Save' }).click();
      await form.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Add a peer' }).click();
      await title.fill('OURSELVES');
      await form.getByRole('textbox', { name: 'Host name or IP address' }).fill('10.0.0.9');
      await form.getByRole('button', { name: 'Save' }).click();
      // One that is new replaces none that is there.
      await form.getByText('There is a peer with the AE title OURSELVES already.').waitFor();
      expect(errors.splice(0)).toEqual([expect.stringContaining('409')]);
      // What was typed is not thrown away by a key.
      await page.keyboard.press('Escape');
      await form.getByRole('button', { name: 'Discard it' }).click();
      await form.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Edit OURSELVES' }).click();
      const edited = page.getByRole('dialog', { name: 'Edit OURSELVES' });
      await edited.getByRole('textbox', { name: 'User', exact: true }).fill('alice');
      await edited.getByLabel('Passcode', { exact: true }).fill('correct horse');
      await edited.getByRole('button', { name: 'Save' }).click();
      await edited.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Edit OURSELVES' }).click();
      await edited.getByPlaceholder('Is set; type to change it').waitFor();
      // What is taken back removes nothing.
      await edited.getByLabel('Passcode', { exact: true }).fill('x');
      await edited.getByLabel('Passcode', { exact: true }).fill('');
      await edited.getByPlaceholder('Is set; type to change it').waitFor();
      expect(await seriousViolations(page, 'all')).toEqual([]);
      // Somebody else is quicker.
      await fetch(`${server.local}/api/peers/OURSELVES`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ host: '127.0.0.1', port: server.dimsePort, may: ['query'] }),
      });
      await edited.getByRole('button', { name: 'Save' }).click();
      await edited.getByText('Somebody else has changed or removed the peer OURSELVES meanwhile.').waitFor();
      expect(errors.splice(0)).toEqual([expect.stringContaining('412')]);
      await edited.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'Test connection: OURSELVES' }).click();
      // We are strict about what we are called.
      await page.getByText('It does not work:').waitFor();
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await page.getByText('No peers are known.').waitFor();
    });

    it('is filled in by the keyboard alone, and a dialog gives the focus back', async () => {
      await goTo('/config/peers');
      await page.getByRole('button', { name: 'Add a peer' }).focus();
      await page.keyboard.press('Enter');
      const form = page.getByRole('dialog', { name: 'Add a peer' });
      await form.waitFor();
      await form.locator(':focus').waitFor();
      const label = () => page.evaluate<string>('document.activeElement?.labels?.[0]?.innerText ?? ""');
      for (let tabs = 0; tabs < 6 && !(await label()).startsWith('AE title'); tabs++) await page.keyboard.press('Tab');
      expect(await label()).toMatch(/^AE title/);
      for (const text of ['TYPED', '127.0.0.1', '11112']) {
        // Over what may be there already.
        await page.keyboard.press('ControlOrMeta+a');
        await page.keyboard.type(text);
        await page.keyboard.press('Tab');
      }
      // Nothing but the dialog is reached.
      for (let tabs = 0; tabs < 40; tabs++) {
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.closest("[role=dialog]") !== null')).toBe(true);
      }
      await form.getByRole('button', { name: 'Save' }).press('Enter');
      await rows('Peers').filter({ hasText: 'TYPED' }).getByText('127.0.0.1:11112').waitFor();
      await page.getByRole('button', { name: 'Edit TYPED' }).press('Enter');
      await page.getByRole('dialog', { name: 'Edit TYPED' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Edit TYPED' }).and(page.locator(':focus')).waitFor();
      await fetch(`${server.local}/api/peers/TYPED`, { method: 'DELETE' });
    });

    it('shows where an expression is wrong, completes names, and tries it on what is stored', async () => {
      await goTo('/config/filter');
      const field = page.getByRole('textbox', { name: 'Site filter' });
      await field.fill("Modality = 'CT'");
      await page.locator('.fault mark').waitFor();
      expect(await page.locator('.fault').innerText()).toBe("Modality = 'CT'");
      expect(await page.locator('.fault mark').innerText()).toContain('=');
      await field.fill('BodyPartExa');
      await page.getByRole('group', { name: 'Names that begin like this' }).getByText('BodyPartExamined').click();
      expect(await field.inputValue()).toBe('BodyPartExamined');
      // A draft is not left without a question.
      const [leaving] = await Promise.all([
        page.waitForEvent('dialog'),
        page.evaluate('void setTimeout(() => location.reload())'),
      ]);
      expect(leaving.type()).toBe('beforeunload');
      await leaving.dismiss();
      await field.fill("Modality == 'CT'");
      await page.getByRole('button', { name: 'Try it' }).click();
      await page.getByText(/^Selects 29 of \d+ images, in 1 of 3 studies\.$/).waitFor();
      const refused = rows('Studies that were looked at').filter({ hasText: 'Synthetic US' });
      expect(await refused.innerText()).toContain("Modality == 'CT'");
      await field.fill("Modality == 'MR'");
      expect(await page.getByText(/^Selects \d+ of/).count()).toBe(0);
      await page.getByRole('button', { name: 'Discard' }).click();
      expect(await field.inputValue()).toBe('');
    });

    it('checks as the server does, tests destinations, saves all at once, and remembers who and when', async () => {
      await goTo('/config/publishers');
      await page.getByRole('button', { name: 'Add a publisher' }).click();
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('in box');
      await page.getByText('This does not have the right form.', { exact: true }).waitFor();
      expect(await page.getByText('This is needed.').count()).toBe(0);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('To be put right first:', { exact: false }).waitFor();
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('inbox');
      await page.getByLabel('Kind').selectOption('stow');
      await page.getByRole('button', { name: 'TLS certificates' }).click();
      const key = page.getByRole('textbox', { name: 'Key of the client certificate (PEM)' });
      await key.fill('-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n');
      // Without its line breaks it would be no PEM.
      expect((await key.inputValue()).split('\n')).toHaveLength(4);
      await page.getByLabel('Kind').selectOption('folder');
      const folder = page.getByRole('textbox', { name: 'Folder' });
      await folder.fill(join(inbox, 'nowhere'));
      await page.getByRole('button', { name: 'Test connection: inbox' }).click();
      await page.getByText('It does not work:').waitFor();
      await folder.fill(inbox);
      // What was said of another folder is gone.
      expect(await page.getByText('It does not work:').count()).toBe(0);
      await page.getByRole('button', { name: 'Test connection: inbox' }).click();
      await page.getByText('It works.').waitFor();
      await page.getByRole('textbox', { name: 'Filter', exact: true }).fill("Modality == 'US'");
      // As the site is neither any time nor none, and one comes back to it.
      await page.getByRole('button', { name: 'What differs from how the site uploads' }).click();
      const differs = page.getByRole('region', { name: 'What differs from how the site uploads' });
      const profile = differs.getByLabel('Anonymise');
      const schedule = differs.getByRole('combobox', { name: 'Schedule' });
      const shown = async () => [await profile.inputValue(), await schedule.inputValue()];
      expect(await shown()).toEqual(['', 'as-site']);
      await profile.selectOption('basic');
      await differs.getByLabel('Keep').waitFor();
      await schedule.selectOption('spans');
      await differs.getByRole('button', { name: 'Add a time' }).waitFor();
      // As a whole: what is scrolled half below a bar that stays would pass for too small.
      const size = page.viewportSize()!;
      await page.setViewportSize({ ...size, height: 4_000 });
      expect(await seriousViolations(page, 'all')).toEqual([]);
      await page.setViewportSize(size);
      await schedule.selectOption('always');
      expect(await shown()).toEqual(['basic', 'always']);
      await profile.selectOption('');
      await schedule.selectOption('as-site');
      expect(await shown()).toEqual(['', 'as-site']);
      await page.getByLabel(/changes?, not saved yet/).fill('A folder for the tests');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Saved; it is effective at once.').waitFor();
      const saved = (await (await fetch(`${server.local}/api/config`)).json()) as { publishers: object[] };
      expect(saved.publishers).toMatchObject([{ name: 'inbox', upload: {} }]);
      expect(Object.keys((saved.publishers[0] as { upload: object }).upload)).toEqual([]);
      await goTo('/config/history');
      const version = rows('History of the configuration').filter({ hasText: 'A folder for the tests' });
      expect(await version.innerText()).toMatch(/127\.0\.0\.1/);
      const number = Number((await version.getByRole('cell').first().innerText()).trim());
      // Not everything was changed where nobody knows what was there before.
      await page.route(`**/api/config/versions/${number - 1}`, (route) => refuse(route, 500, 'It is away.'));
      await version.getByRole('button', { name: /^Changes of version/ }).click();
      await page.getByRole('dialog').getByText('It is away.').waitFor();
      expect(await page.getByRole('dialog').getByText('/publishers/0', { exact: false }).count()).toBe(0);
      await page.unroute(`**/api/config/versions/${number - 1}`);
      expect(errors.splice(0)).toEqual([expect.stringContaining('500')]);
      await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('dialog').getByText('/publishers/0', { exact: false }).first().waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      await rows('History of the configuration').last().getByRole('button', { name: 'Restore' }).click();
      const [restored] = await Promise.all([
        page.waitForRequest(/\/restore$/),
        page
          .getByRole('dialog', { name: /^Restore version/ })
          .getByRole('button', { name: 'Restore' })
          .click(),
      ]);
      // Only what is shown as the last is what it replaces.
      expect(restored.headers()['if-match']).toMatch(/^"\d+"$/);
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    });

    it('sends what is stored by the filters that are saved, once nothing else is shown', async () => {
      await goTo('/config/publishers');
      await page.getByRole('button', { name: 'Try this filter' }).click();
      const send = page.getByRole('button', { name: 'Send what is stored to inbox…' });
      const filter = page.getByRole('textbox', { name: 'Filter', exact: true });
      await filter.fill('');
      expect(await send.isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByLabel('Stored from').fill('2000-01-01');
      await page.getByLabel('Stored till').fill('2000-01-02');
      await send.click();
      await page.getByText('The filters of site and publisher select 0 images of 0 studies.').waitFor();
      const [sent] = await Promise.all([
        page.waitForRequest(/\/api\/graphs\/replay$/),
        page.getByRole('button', { name: 'Send to inbox now' }).click(),
      ]);
      expect(Object.keys(sent.postDataJSON() as object).sort()).toEqual(['again', 'from', 'publisher', 'till']);
      await page.getByText('Ended: there was nothing to send.').waitFor();
      await page.route('**/api/graphs/replay/*', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...((await response.json()) as object), status: 'FAILED' } });
      });
      await send.click();
      await page.getByRole('button', { name: 'Send to inbox now' }).click();
      await page.getByText('The replay has failed: inbox is no publisher any more.').waitFor();
      await page.unroute('**/api/graphs/replay/*');
    });

    it('is written into a file and read from one', async () => {
      await goTo('/config/publishers');
      const file = await downloaded(page.getByRole('link', { name: 'Export' }));
      const exported = JSON.parse(file.toString('utf8')) as { configuration: { publishers: { name: string }[] } };
      expect(exported.configuration.publishers.map(({ name }) => name)).toEqual(['inbox']);
      const other = {
        ...exported,
        configuration: { ...exported.configuration, filter: { expression: "Modality == 'US'" } },
      };
      writeFileSync(join(inbox, 'configuration.json'), JSON.stringify(other));
      const before = (await fetch(`${server.local}/api/config`)).headers.get('etag');
      await page.getByLabel('Import').setInputFiles(join(inbox, 'configuration.json'));
      const question = page.getByRole('dialog', { name: 'Import' });
      expect(await question.locator('.changes').innerText()).toMatch(/\/filter\/expression: "" → "Modality == 'US'"/);
      expect(await seriousViolations(page, 'all')).toEqual([]);
      await question.getByRole('button', { name: 'Cancel' }).click();
      await question.waitFor({ state: 'hidden' });
      // Nothing was asked for, and nothing has happened.
      expect((await fetch(`${server.local}/api/config`)).headers.get('etag')).toBe(before);
      writeFileSync(join(inbox, 'configuration.json'), file);
      await page.getByLabel('Import').setInputFiles(join(inbox, 'configuration.json'));
      await question.getByRole('button', { name: 'Import it now' }).click();
      await page.getByText('Imported; it is effective at once.').waitFor();
      await question.getByRole('button', { name: 'Close' }).click();
      await question.waitFor({ state: 'hidden' });
      await server.house.peers.add({ ...peerDefaults, aeTitle: 'MOVED', host: 'here', port: 104 }, 'us');
      const moved = { ...exported, peers: [{ aeTitle: 'MOVED', host: 'there', port: 104 }] };
      writeFileSync(join(inbox, 'configuration.json'), JSON.stringify(moved));
      await page.getByLabel('Import').setInputFiles(join(inbox, 'configuration.json'));
      await question.getByRole('button', { name: 'Import it now' }).click();
      await question.getByText('MOVED at there:104').waitFor();
      expect(errors.splice(0)).toEqual([expect.stringContaining('409')]);
      await question.getByRole('button', { name: 'Change these peers and import' }).click();
      await page.getByText('Imported; it is effective at once.').waitFor();
      expect(await server.house.peers.get('MOVED')).toMatchObject({ host: 'there' });
      await server.house.peers.remove('MOVED', 'us');
      rmSync(join(inbox, 'configuration.json'));
    });

    it('takes numbers as they are typed, with decimals, and finds fault with what is none', async () => {
      await goTo('/config/upload');
      const retyped = async (label: string, text: string) => {
        const field = page.getByLabel(label);
        // The field places its caret a moment after it was entered, which may take a selection away before it is deleted.
        const emptied = async () => {
          await field.fill('');
          return field.inputValue();
        };
        await expect.poll(emptied).toBe('');
        await field.pressSequentially(text);
        return field.inputValue();
      };
      await page.getByRole('switch', { name: 'Delete here what has arrived elsewhere' }).check();
      expect(await retyped('Days after it was stored', '14.5')).toBe('14.5');
      expect(await retyped('Quiet period', '10.50')).toBe('10.50 s');
      expect(await retyped('Batch size', '1.5')).toBe('1.5');
      await page.getByText('This has to be a whole number.').waitFor();
      expect(await retyped('Batch size', '-')).toBe('-');
      await page.getByText('This has to be a whole number.').waitFor();
      await page.getByRole('button', { name: 'Discard' }).click();
      expect(await page.getByLabel('Quiet period').inputValue()).not.toContain('10.5');
    });

    it('says when somebody else was quicker, and keeps the draft', async () => {
      await goTo('/config/upload');
      await page.getByLabel('Batch size').fill('16');
      const now = await fetch(`${server.local}/api/config`);
      await fetch(`${server.local}/api/config?comment=quicker`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'If-Match': now.headers.get('etag') ?? '' },
        body: JSON.stringify({ ...((await now.json()) as object), filter: { expression: "Modality != 'XX'" } }),
      });
      await page.getByText('Somebody else has saved meanwhile', { exact: false }).waitFor();
      expect(await page.getByLabel('Batch size').inputValue()).toBe('16');
      await page.getByRole('button', { name: 'Take my draft all the same' }).click();
      // What is typed while it is saved is not lost.
      await page.route('**/api/config', async (route) => {
        if (route.request().method() === 'PUT') await page.getByLabel('Quiet period').fill('21');
        await route.continue();
      });
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Saved; it is effective at once.').waitFor();
      await page.unroute('**/api/config');
      expect(await page.getByLabel('Quiet period').inputValue()).toBe('21 s');
      await page.getByText('1 change, not saved yet. Why?').waitFor();
      expect(await (await fetch(`${server.local}/api/config`)).json()).toMatchObject({
        upload: { batchSize: 16, quietSeconds: 20 },
      });
      await page.getByLabel('Batch size').fill('32');
      await page.getByLabel('Quiet period').fill('20');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByLabel('1 change, not saved yet. Why?').waitFor({ state: 'hidden' });
      await page.getByLabel('Batch size').fill('17');
      await page.getByRole('button', { name: 'Discard' }).click();
      expect(await page.getByLabel('Batch size').inputValue()).toBe('32');
    });

    it('tries clouds before they are saved, and never shows a secret again', async () => {
      const cloud = await startHttpReceiver((_request, response) => answerJson(response, 200, {}));
      try {
        await goTo('/config/api');
        await page.getByRole('button', { name: 'Add an endpoint' }).click();
        const endpoint = page.getByRole('region', { name: 'New endpoint' });
        await endpoint.getByRole('textbox', { name: 'Base URL' }).fill(cloud.origin);
        await endpoint.getByLabel('Token', { exact: true }).fill('very secret');
        await endpoint.getByRole('textbox', { name: 'Source' }).fill('site');
        await endpoint.getByRole('textbox', { name: 'Name', exact: true }).fill('cloud');
        await page.getByRole('button', { name: 'Test connection: cloud' }).click();
        await page.getByText(/^It (works\.|does not work:)$/).waitFor();
        expect(cloud.requests.map(({ headers }) => headers.authorization)).toContain('Token very secret');
        await page
          .getByRole('tab', { name: 'Publishers' })
          .or(page.getByRole('link', { name: 'Publishers' }))
          .click();
        await page.getByRole('button', { name: 'Add a publisher' }).click();
        await page.getByRole('textbox', { name: 'Name', exact: true }).last().fill('stowed');
        await page.getByLabel('Kind').last().selectOption('stow');
        await page.getByRole('textbox', { name: 'URL', exact: true }).fill(`${cloud.origin}/dicom-web`);
        await page.getByRole('combobox', { name: 'Authentication' }).selectOption('token');
        await page.getByLabel('Token', { exact: true }).fill('also secret');
        await page.getByRole('switch', { name: 'On' }).last().uncheck();
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.getByText('Saved; it is effective at once.').waitFor();
        const saved = await (await fetch(`${server.local}/api/config`)).text();
        expect(saved).toContain('stowed');
        expect(saved).not.toContain('secret"');
        await goTo('/config/api');
        await page.getByPlaceholder('Is set; type to change it').waitFor();
      } finally {
        await cloud.close();
      }
    });
  });

  describe('what is sent', () => {
    const study = studyInstanceUidOf(first);

    it('is seen to arrive: as a graph, as complete, and with the reason why it was to go', async () => {
      await goTo(`/status/series/${seriesInstanceUidOf(first)}`);
      await send('inbox');
      await heading(/^Graph \d+ to inbox$/).waitFor();
      const drawn = page.getByRole('region', { name: 'Tasks in their order' }).last();
      const upload = drawn.getByRole('link', { name: /^Upload/ });
      await upload.filter({ hasText: 'Success' }).filter({ hasText: '29 of 29' }).waitFor();
      await page.getByText('Success', { exact: true }).first().waitFor();
      // More tasks than are told at once are not hidden.
      await page.route('**/api/graphs/*', async (route) => {
        const response = await route.fetch();
        const { graph, tasks } = (await response.json()) as { graph: { tasks: object }; tasks: object[] };
        await route.fulfill({
          response,
          json: { graph: { ...graph, tasks: { ...graph.tasks, SUCCESS: 1200 } }, tasks },
        });
      });
      await page.reload();
      await page.getByText(/^The first \d+ of 1200 are shown\./).waitFor();
      await page.getByRole('link', { name: 'All 1,200 tasks' }).click();
      // One that is read again at this moment may be answered twice.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await rows('Tasks').filter({ hasText: 'inbox' }).first().waitFor();
      expect(await page.getByRole('textbox', { name: 'Graph' }).inputValue()).toMatch(/^\d+$/);
      await page.goBack();
      await upload.click();
      await heading(/^Task \d+: Upload$/).waitFor();
      await page.getByRole('navigation', { name: 'Where this is' }).getByRole('link', { name: /inbox/ }).click();
      await page.getByRole('navigation', { name: 'Where this is' }).getByRole('link', { name: 'Study' }).click();
      const delivery = rows('Deliveries').filter({ hasText: 'inbox' });
      await delivery.getByText('Complete').waitFor();
      await delivery.getByRole('button', { name: 'Why is it (not) at inbox?' }).click();
      await page.getByRole('dialog').getByText('Delivered', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      // Image by image, with the hash of what left.
      await page.getByText('1–25 of 29').waitFor();
      await goTo(`/status/images/${sopInstanceUidOf(first)}`);
      const left = rows('What left, image by image').filter({ hasText: 'inbox' });
      await left.getByText('Confirmed', { exact: true }).waitFor();
      expect(await left.innerText()).toContain(createHash('sha256').update(first).digest('hex'));
      await page.getByRole('button', { name: 'Why is it (not) at inbox?' }).click();
      await page.getByRole('dialog').getByText('Delivered', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
    });

    it('is read again while it goes on, also where no event tells of it', async () => {
      let reads = 0;
      await page.route('**/api/graphs/*', async (route) => {
        const response = await route.fetch();
        const { graph, tasks } = (await response.json()) as { graph: { tasks: object }; tasks: object[] };
        reads += 1;
        const [status, left] = reads === 1 ? ['INITIAL', 1] : ['SUCCESS', 0];
        const json = { graph: { ...graph, status, tasks: { ...graph.tasks, INITIAL: left } }, tasks };
        await route.fulfill({ response, json });
      });
      await page.route('**/api/results?*', async (route) => {
        const row = { id: 'a', publisher: 'inbox', graph: '1', status: 'refused', at: '2026-03-02T12:00:00Z' };
        await route.fulfill({ json: { items: [{ ...row, answer: 'It is of another study.' }], total: 1 } });
      });
      await goTo('/status/graphs/1');
      const details = page.getByRole('region', { name: 'Details' });
      await details.getByText('Waiting', { exact: true }).waitFor();
      await details.getByText('Success', { exact: true }).waitFor();
      // What came back and was not kept is not hidden behind what was.
      await rows('What came back').filter({ hasText: 'Refused' }).getByText('It is of another study.').waitFor();
      await page.unroute('**/api/results?*');
      await page.unroute('**/api/graphs/*');
    });

    it('may be one image', async () => {
      await goTo(`/status/images/${sopInstanceUidOf(us())}`);
      await send('inbox');
      const upload = page.locator('.dag').getByRole('link', { name: /^Upload/ });
      await upload.filter({ hasText: 'Success' }).filter({ hasText: '1 of 1' }).waitFor();
      // Colour and duration say what the word says.
      expect(await upload.textContent()).toMatch(/Success[\s\S]*\d (ms|s)$/);
      expect(await colourOf(upload)).toBe('rgb(35, 115, 50)');
    });

    it('is said to have been let through by no filter, with the clause that said no', async () => {
      await configure({
        name: 'only-mr',
        expression: "Modality == 'MR'",
        destination: { kind: 'folder', path: inbox },
      });
      const body = JSON.stringify({ publisher: 'only-mr', from: '1900-01-01', till: '9999-12-31' });
      const begun = await fetch(`${server.local}/api/graphs/replay`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      expect(begun.status).toBe(202);
      const verdict = async () => {
        const answer = await fetch(`${server.local}/api/why-not?study=${study}&publisher=only-mr`);
        return ((await answer.json()) as { verdict: string }).verdict;
      };
      await expect.poll(verdict).toBe('not-selected');
      await goTo(`/status/studies/${study}`);
      await page.getByRole('button', { name: 'Why is it (not) at only-mr?' }).first().click();
      const clauses = rows('Clauses that said no');
      await clauses.getByText("Modality == 'MR'").waitFor();
      expect(await clauses.nth(1).innerText()).toMatch(/Publisher[\s\S]*CT[\s\S]*29/);
      await page.keyboard.press('Escape');
    });

    it('says in words why it failed, and tries again when told to', async () => {
      await configure({
        name: 'broken',
        destination: { kind: 'folder', path: join(inbox, 'nowhere') },
        // For so long nothing is sent to what could not be reached.
        retries: { attempts: 1, firstDelaySeconds: 0.5 },
      });
      await goTo(`/status/studies/${study}`);
      await send('broken');
      await page
        .getByText(/nowhere/)
        .first()
        .waitFor();
      const upload = page.locator('.dag').getByRole('link', { name: /^Upload/ });
      await upload.filter({ hasText: 'Failed' }).waitFor();
      expect(await colourOf(upload)).toBe('rgb(201, 42, 42)');
      // Still nowhere, by its task.
      await upload.click();
      await heading(/^Task \d+: Upload$/).waitFor();
      const attempts = page.getByRole('region', { name: 'Details' }).locator('dt:has-text("Failed attempts") + dd');
      const before = Number(await attempts.innerText());
      const [retried] = await Promise.all([
        page.waitForResponse(/\/api\/tasks\/\d+\/retry$/),
        page.getByRole('button', { name: 'Retry' }).click(),
      ]);
      expect([before, retried.status()]).toEqual([1, 202]);
      const task = retried.url().replace(/\/retry$/, '');
      const status = async () => ((await (await fetch(task)).json()) as { status: string }).status;
      await expect.poll(status).toBe('FAILED');
      mkdirSync(join(inbox, 'nowhere'));
      await page
        .getByRole('navigation', { name: 'Where this is' })
        .getByRole('link', { name: /broken/ })
        .click();
      await upload.filter({ hasText: 'Failed' }).waitFor();
      await page.getByRole('button', { name: 'Retry' }).click();
      await upload.filter({ hasText: 'Success' }).waitFor();
      await goTo('/status/graphs?publisher=broken');
      await rows('Graphs').filter({ hasText: 'broken' }).getByText('Success').waitFor();
      await goTo('/status/tasks?type=upload');
      await rows('Tasks').filter({ hasText: 'broken' }).getByText('Upload').waitFor();
    });

    it('keeps what is shown and open where it cannot be read again, and asks again where the server is busy', async () => {
      const reads = '**/api/studies/*';
      let busy = 1;
      await page.route(reads, (route) =>
        busy-- > 0 ? refuse(route, 503, 'Too much to do.', { 'Retry-After': '1' }) : route.continue(),
      );
      await goTo(`/status/studies/${study}`);
      await page.getByRole('button', { name: 'Send to…' }).click();
      await page.getByRole('dialog').getByLabel('Publisher').selectOption('broken');
      await page.unroute(reads);
      await page.route(reads, (route) => refuse(route, 500, 'It is away.'));
      // Something happens, so that it is read again.
      await stow(server.web, [first]);
      await page.getByText('It is away.').waitFor();
      expect(await page.getByRole('dialog').getByLabel('Publisher').inputValue()).toBe('broken');
      await page.unroute(reads);
      expect(errors.splice(0).every((error) => /50[03]/.test(error))).toBe(true);
    });

    async function send(publisher: string): Promise<void> {
      await page.getByRole('button', { name: 'Send to…' }).click();
      await page.getByRole('dialog').getByLabel('Publisher').selectOption(publisher);
      const answer = await held('**/api/send', 'POST');
      await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
      // While it is under way nobody is told that it is not.
      const cancel = page.getByRole('dialog').getByRole('button', { name: 'Cancel', disabled: true });
      await cancel.waitFor();
      await page.keyboard.press('Escape');
      expect(await cancel.count()).toBe(1);
      await answer();
    }

    /** Of the box of a task. */
    async function colourOf(task: Locator): Promise<string> {
      type Styled = { getComputedStyle(of: unknown): { readonly stroke: string } };
      const box = task.locator('.dag-box');
      return box.evaluate((element) => (globalThis as unknown as Styled).getComputedStyle(element).stroke);
    }

    async function configure(publisher: object): Promise<void> {
      const now = await fetch(`${server.local}/api/config`);
      const { publishers, ...others } = (await now.json()) as { publishers: object[] };
      const { status } = await fetch(`${server.local}/api/config`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'If-Match': now.headers.get('etag') ?? '' },
        body: JSON.stringify({ ...others, publishers: [...publishers, publisher] }),
      });
      expect(status).toBe(200);
    }
  });

  it('shows its own routes for what is not there', async () => {
    await goTo('/status/nowhere');
    await page.getByText('There is nothing at this address.').waitFor();
    await goTo('/status/images/1.2.3');
    await page.getByText('That did not work').waitFor();
    expect(errors.splice(0)).toEqual([expect.stringContaining('404')]);
  });

  it('says what cannot be shown, keeps what stands around it, and goes on elsewhere', async () => {
    await page.route('**/api/studies?*', async (route) => {
      const response = await route.fetch();
      const { items, ...table } = (await response.json()) as { items: object[] };
      await route.fulfill({
        response,
        json: { ...table, items: items.map((item) => ({ ...item, createdAt: 'never' })) },
      });
    });
    await goTo('/status/studies');
    await page.getByText('That did not work').waitFor();
    expect(errors.splice(0).join()).toMatch(/RangeError|time value/);
    await page.unroute('**/api/studies?*');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Upload' }).click();
    await heading('Upload').waitFor();
  });

  it('is used by the keyboard alone', async () => {
    await goTo('/');
    await page.getByText('All is well').waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    for (let tabs = 0; tabs < 12 && (await focused()) !== 'Status'; tabs++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await heading('Studies').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    for (let tabs = 0; tabs < 40 && (await focused()) !== '1A TRAUMA/PLAIN HEAD DM'; tabs++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await heading('1A TRAUMA/PLAIN HEAD DM').waitFor();
    // Also within a page what is new is where one goes on.
    expect(await page.evaluate('[document.activeElement.id, scrollY, document.title]')).toEqual([
      'main',
      0,
      'Study · Status · Causeway',
    ]);
  });

  async function focused(): Promise<string> {
    return page.evaluate<string>('(document.activeElement?.innerText ?? "").trim()');
  }

  describe('every page', () => {
    const study = studyInstanceUidOf(first);
    it.each([
      ['home', () => '/'],
      ['images', () => '/status/images'],
      ['series', () => '/status/series'],
      ['studies', () => '/status/studies'],
      ['patients', () => '/status/patients'],
      ['graphs', () => '/status/graphs'],
      ['a graph', () => '/status/graphs/1'],
      ['a task', () => '/status/tasks/1'],
      ['tasks', () => '/status/tasks'],
      ['an image', () => `/status/images/${sopInstanceUidOf(first)}`],
      ['a series', () => `/status/series/${seriesInstanceUidOf(first)}`],
      ['a study', () => `/status/studies/${study}`],
      ['a patient', () => '/status/patient?patient=PLASTIC&issuer='],
      ['endpoints', () => '/config/api'],
      ['filter', () => '/config/filter'],
      ['upload settings', () => '/config/upload'],
      ['publishers', () => '/config/publishers'],
      ['peers', () => '/config/peers'],
      ['history', () => '/config/history'],
      ['upload', () => '/upload'],
    ])('has no serious violation in light and dark, and fits a phone: %s', async (name, path) => {
      await goTo(path());
      await heading(/./).waitFor();
      await page.locator('.mantine-Skeleton-root, [aria-label="Loading"]').first().waitFor({ state: 'detached' });
      const found: string[] = [];
      for (const [size, colorScheme] of [
        [desktop, 'light'],
        [phone, 'dark'],
      ] as const) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (width > size.width) found.push(`${size.width} px: it is ${width} px wide`);
        if (screenshots !== undefined) {
          const picture = `${name.replaceAll(' ', '-')}-${colorScheme}.png`;
          await page.screenshot({ path: join(screenshots, picture), fullPage: true });
        }
        const violations = await seriousViolations(page, colorScheme === 'light' ? 'all' : 'looks');
        found.push(...violations.map((one) => `${colorScheme}: ${one}`));
      }
      await page.setViewportSize(desktop);
      await page.emulateMedia({ colorScheme: 'light' });
      expect(found).toEqual([]);
    });
  });
});
