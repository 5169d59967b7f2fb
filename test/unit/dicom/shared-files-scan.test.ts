import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPart10Scanner } from '../../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../../src/dicom/scanned-instance.ts';
import { createInstanceScan } from '../../../src/ingest/inflating.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { hasSharedFiles, malformedFiles, sharedFiles, sharedSeries } from '../../support/shared-files.ts';

type Outcome = ScannedInstance | { code: string; message: string };

async function scan(chunks: Iterable<Uint8Array>): Promise<Outcome> {
  const scanning = createInstanceScan({ acceptBareDataSets: true });
  try {
    for (const chunk of chunks) {
      const memory = Buffer.from(chunk);
      const taken = scanning.push(memory);
      memory.fill(0xee);
      await taken;
    }
    return await scanning.end();
  } catch (error) {
    if (error instanceof CausewayError) return { code: error.code, message: error.message };
    throw error;
  } finally {
    scanning.close();
  }
}

function* split(bytes: Uint8Array, sizes: readonly number[]): Iterable<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Refusals that words alone would not tell apart: what they must name. */
const refusals: Readonly<Record<string, { code: string; names: RegExp }>> = {
  '15_truncated_meta': { code: 'truncated', names: /byte 200.*File Meta Information/ },
  '17_truncated_pixels': { code: 'truncated', names: /byte 844.*\(7FE0,0010\) PixelData.*64 bytes/ },
  '19_sequence_past_eof': { code: 'malformed', names: /\(0040,0275\) RequestAttributesSequence.*byte 840/ },
  '20_seq_undef_no_delim': { code: 'truncated', names: /byte 842.*\(0040,0275\) RequestAttributesSequence/ },
  '94_empty_file': { code: 'not-dicom', names: /empty/ },
  '95_text_file': { code: 'not-dicom', names: /byte 128/ },
};

/** Files that are kept although a strict reader objects: the warning that says so. */
const repairs: Readonly<Record<string, string>> = {
  '05_no_meta_group_length': 'meta-repaired',
  '06_meta_length_too_long': 'meta-repaired',
  '09_no_transfer_syntax': 'meta-repaired',
  '11_ts_says_implicit': 'encoding-differs',
  '24_odd_length': 'value-not-valid',
  '26_duplicate_tag': 'duplicate-attribute',
  '45_bad_utf8': 'character-set',
  '46_charset_missing_8bit': 'character-set',
  '58_trailing_garbage': 'trailing-bytes',
  '71_no_seq_delim': 'length-repaired',
  '73_bot_wrong': 'length-repaired',
  '74_fewer_frames': 'pixel-data-short',
  '79_native_ts_encaps': 'encoding-differs',
};

/** What only ingest can refuse, because it reads well. */
const readable = new Set(['27_no_sop_instance_uid', '33_no_study_uid', '37_uid_path_traversal']);

describe.skipIf(!hasSharedFiles)('scanning the files of ../shared', () => {
  const storable = [
    ...sharedFiles().filter((file) => file.storable),
    ...sharedSeries('ct_philips_58').map((path) => ({ name: path, path, transferSyntaxUid: '', sopInstanceUid: '' })),
    ...sharedSeries('cine_real').map((path) => ({ name: path, path, transferSyntaxUid: '', sopInstanceUid: '' })),
    ...sharedSeries('wsi_real').map((path) => ({ name: path, path, transferSyntaxUid: '', sopInstanceUid: '' })),
  ].filter(({ name }) => !name.includes('malformed'));

  test('reads every file that can be stored', async () => {
    expect(storable.length).toBeGreaterThan(200);
    for (const { name, path, sopInstanceUid, transferSyntaxUid } of storable) {
      const outcome = await scan([readFileSync(path)]);
      if ('code' in outcome) expect.fail(`${name}: ${outcome.code} ${outcome.message}`);
      if (sopInstanceUid) expect(outcome.attributes['00080018']?.Value, name).toEqual([sopInstanceUid]);
      if (transferSyntaxUid) expect(outcome.transferSyntaxUid, name).toBe(transferSyntaxUid);
    }
  });

  test('reads the same from chunks of any size', async () => {
    const sizes = fc.sample(fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 5 }), 6);
    for (const { name, path } of storable) {
      const bytes = readFileSync(path);
      if (bytes.length > 3_000_000) continue;
      const whole = await scan([bytes]);
      for (const pattern of [sizes[name.length % sizes.length]!, [7, 1, 64]]) {
        if (bytes.length > 100_000 && pattern[0] === 7) continue;
        expect(await scan(split(bytes, pattern)), name).toEqual(whole);
      }
    }
  });

  test.each(malformedFiles())('$name: $why', async ({ name, path, expect: wanted }) => {
    const bytes = readFileSync(path);
    const outcome = await scan([bytes]);
    if (bytes.length < 5000) expect(await scan(split(bytes, [1]))).toEqual(outcome);
    const refusal = refusals[name];
    if ('code' in outcome) {
      expect(wanted).not.toBe('accept');
      expect(outcome.code).toBe(refusal?.code);
      expect(outcome.message).toMatch(refusal!.names);
      return;
    }
    expect(refusal).toBeUndefined();
    if (wanted === 'reject') expect(readable).toContain(name);
    const repair = repairs[name];
    if (repair) expect(outcome.warnings.map(({ kind }) => kind)).toContain(repair);
    else if (!/^0[23]_bare/.test(name)) expect(outcome.warnings).toEqual([]);
  });

  test('refuses a bare data set unless told otherwise, and says what it is', () => {
    const bare = malformedFiles().filter(({ name }) => /^0[23]_bare/.test(name));
    expect(bare).toHaveLength(2);
    for (const { path } of bare) {
      const scanner = createPart10Scanner();
      expect(() => scanner.push(readFileSync(path))).toThrow(/VR Little Endian without File Meta Information/);
    }
  });
});
