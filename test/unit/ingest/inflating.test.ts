import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ScannedInstance } from '../../../src/dicom/scanned-instance.ts';
import { createInstanceScan } from '../../../src/ingest/inflating.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { buildPart10, ctElements, element, pixelElements } from '../../support/dicom-builder.ts';
import { feedFromOneBuffer } from '../../support/feed-from-one-buffer.ts';

const deflated = '1.2.840.10008.1.2.1.99';

type Options = Parameters<typeof createInstanceScan>[0];

async function scan(bytes: Uint8Array, chunkBytes = bytes.length, options: Options = {}): Promise<ScannedInstance> {
  const scanning = createInstanceScan(options);
  try {
    await feedFromOneBuffer(bytes, chunkBytes, (chunk) => scanning.push(chunk));
    return await scanning.end();
  } finally {
    scanning.close();
  }
}

async function refusal(bytes: Uint8Array, chunkBytes?: number, options?: Options): Promise<CausewayError> {
  const outcome = await scan(bytes, chunkBytes, options).catch((error: unknown) => error);
  if (outcome instanceof CausewayError) return outcome;
  throw new Error('The file was not refused.', { cause: outcome });
}

const elements = ctElements({}, ...pixelElements({ rows: 200, columns: 200 }));

describe('a deflated data set', () => {
  test('reads as the same data set in plain, in chunks of any size', async () => {
    const plain = await scan(buildPart10({ elements }));
    const file = buildPart10({ elements, transferSyntaxUid: deflated });
    for (const chunkBytes of [1, 7, 100, file.length]) {
      const { attributes, pixelData, deflated: isDeflated, transferSyntaxUid } = await scan(file, chunkBytes);
      expect(attributes).toEqual(plain.attributes);
      expect(pixelData).toEqual({
        ...plain.pixelData,
        offset: plain.pixelData!.offset - plain.dataSetOffset,
      });
      expect([isDeflated, transferSyntaxUid]).toEqual([true, deflated]);
    }
  });

  test('may have bytes behind it', async () => {
    const file = buildPart10({ elements, transferSyntaxUid: deflated, trailing: Buffer.alloc(100) });
    expect((await scan(file, 50)).attributes['00080018']?.Value).toEqual(['2.25.3']);
  });

  test('that is cut off is refused', async () => {
    const file = buildPart10({ elements, transferSyntaxUid: deflated });
    for (const length of [file.length - 1, file.length - 20]) {
      expect((await refusal(file.subarray(0, length), 64)).code).toBe('truncated');
    }
  });

  test('that is no deflate stream is refused', async () => {
    const head = buildPart10({ elements: [], transferSyntaxUid: deflated }).subarray(0, -2);
    const file = Buffer.concat([head, Buffer.alloc(400, 0xff)]);
    for (const chunkBytes of [10, file.length]) expect((await refusal(file, chunkBytes)).code).toBe('malformed');
  });

  test('with a broken data set inside is refused as such', async () => {
    const broken = [...ctElements(), element('7FE00010', 'OW', 'x', { length: 5000 })];
    expect(await refusal(buildPart10({ elements: broken, transferSyntaxUid: deflated }))).toMatchObject({
      code: 'truncated',
      message: expect.stringContaining('(7FE0,0010) PixelData'),
    });
  });

  test('that inflates to too much is refused early and takes no memory', async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
    const head = buildPart10({ elements: [], transferSyntaxUid: deflated }).subarray(0, -2);
    const { code, details } = await refusal(Buffer.concat([head, bomb]), 1000, {
      limits: { maxInflatedBytes: 1024 * 1024 },
    });
    expect([code, details.limit]).toEqual(['limit-exceeded', 'maxInflatedBytes']);
  });

  test('counts what it inflates to', async () => {
    const file = buildPart10({ elements, transferSyntaxUid: deflated });
    const { code, details } = await refusal(file, 500, { limits: { maxInflatedBytes: 10_000 } });
    expect([code, details.limit]).toEqual(['limit-exceeded', 'maxInflatedBytes']);
  });

  test('leaves nothing running when its sender goes away', async () => {
    const file = buildPart10({ elements, transferSyntaxUid: deflated });
    const scanning = createInstanceScan();
    await scanning.push(file.subarray(0, 400));
    scanning.close();
    scanning.close();
    await expect(scanning.end()).rejects.toBeInstanceOf(CausewayError);
  });
});
