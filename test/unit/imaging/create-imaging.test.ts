import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createImaging } from '../../../src/imaging/create-imaging.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { createMetrics } from '../../../src/kernel/metrics.ts';
import { encodedFrame, imageAttributes, json } from '../../support/pixel-frames.ts';

const metrics = createMetrics();
const imaging = createImaging({ log: silentLog, workers: 1, maxFrameBytes: 1024, metrics });
afterAll(() => imaging.close());

const ramp = new Uint8Array(Uint16Array.of(0, 100, 200, 300, 400, 500, 600, 700).buffer);

describe('imaging', () => {
  it('decodes in a worker and leaves the bytes of the caller alone', async () => {
    const frame = encodedFrame({ bytes: ramp });
    const decoded = await imaging.decode(frame);
    expect(Buffer.compare(decoded.bytes, ramp)).toBe(0);
    expect(frame.bytes).toHaveLength(16);
    expect(Object.keys(decoded).sort()).toEqual([
      'bitsAllocated',
      'bitsStored',
      'bytes',
      'columns',
      'highBit',
      'photometricInterpretation',
      'pixelRepresentation',
      'planarConfiguration',
      'rows',
      'samplesPerPixel',
    ]);
  });

  it('renders with the window of the request', async () => {
    const window = { center: 350, width: 700, function: 'linear-exact' } as const;
    const png = await imaging.render(encodedFrame({ bytes: ramp }), { mediaType: 'image/png', window });
    const pixels = await sharp(png).toColourspace('b-w').raw().toBuffer();
    expect([...pixels]).toEqual([0, 36, 73, 109, 146, 182, 219, 255]);
  });

  it('passes on why a frame cannot be decoded', async () => {
    await expect(imaging.decode(encodedFrame({ bytes: ramp.subarray(0, 10), frameNumber: 7 }))).rejects.toMatchObject({
      code: 'decode-failed',
      message: 'Frame 7 cannot be decoded: it has 10 bytes and needs 16.',
      details: { frameNumber: 7, transferSyntaxUid: '1.2.840.10008.1.2.1' },
    });
  });

  it('refuses a frame that is too large when decoded, and names the limit', async () => {
    const attributes = imageAttributes({ '00280010': json('US', 65_535) });
    await expect(imaging.decode(encodedFrame({ attributes }))).rejects.toMatchObject({
      code: 'decode-failed',
      details: { limit: 'maxFrameBytes' },
    });
  });

  it('refuses video: cannot be rendered, cannot be decoded', async () => {
    const frame = encodedFrame({ transferSyntaxUid: '1.2.840.10008.1.2.4.102' });
    await expect(imaging.render(frame, { mediaType: 'image/png' })).rejects.toMatchObject({ code: 'cannot-render' });
    await expect(imaging.decode(frame)).rejects.toMatchObject({ code: 'transfer-syntax-unsupported' });
  });

  it('refuses a palette that did not come with the metadata', async () => {
    const attributes = imageAttributes({ '00280004': json('CS', 'PALETTE COLOR') });
    const render = imaging.render(encodedFrame({ attributes }), { mediaType: 'image/png' });
    await expect(render).rejects.toMatchObject({ code: 'cannot-render', details: { tag: '00281101' } });
  });

  it('refuses a viewport that is too large, and names the limit', async () => {
    const viewport = { width: 60_000, height: 60_000 };
    const render = imaging.render(encodedFrame({ bytes: ramp }), { mediaType: 'image/png', viewport });
    await expect(render).rejects.toMatchObject({
      code: 'bad-request',
      details: { parameter: 'viewport', limit: 'maxViewportPixels' },
    });
  });

  it('stops a job past its time and goes on with a new worker', async () => {
    const hasty = createImaging({ log: silentLog, workers: 1, jobTimeoutMs: 250 });
    const bytes = new Uint8Array(4 * 8000 * 5000);
    const attributes = imageAttributes({
      '00280010': json('US', 8000),
      '00280011': json('US', 5000),
      '7FE00008': { vr: 'OF', BulkDataURI: '7FE00008' },
    });
    const window = { center: 0, width: 1, function: 'sigmoid' } as const;
    const endless = hasty.render(encodedFrame({ bytes, attributes }), { mediaType: 'image/png', window });
    await expect(endless).rejects.toMatchObject({ code: 'timed-out' });
    await expect(hasty.decode(encodedFrame({ bytes: ramp }))).resolves.toBeDefined();
    await hasty.close();
  });

  it('counts jobs by outcome', async () => {
    const text = await metrics.registry.metrics();
    expect(text).toContain('causeway_imaging_seconds_count{job="render",outcome="success"} 1');
    expect(text).toMatch(/causeway_imaging_seconds_count\{job="decode",outcome="decode-failed"\} 2/);
  });
});
