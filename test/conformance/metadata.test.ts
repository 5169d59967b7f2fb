import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DicomJson, DicomJsonElement } from '../../src/dicom/json-model.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import { createInstanceScan } from '../../src/ingest/inflating.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { hasSharedFiles, malformedFiles, sharedDicomDir, sharedFiles, sharedSeries } from '../support/shared-files.ts';

/** What pydicom-metadata.py prints of an attribute. */
interface TheirElement {
  readonly vr?: string;
  readonly Value?: unknown[];
  readonly InlineBinary?: string;
  /** Bytes of a value too long to print. */
  readonly bulk?: number;
  readonly error?: string;
}
type TheirDataSet = Record<string, TheirElement>;

interface Difference {
  readonly file: string;
  readonly tag: string;
  readonly ours: DicomJsonElement | undefined;
  readonly theirs: TheirElement | undefined;
}

/** Where the two readings differ for a reason. Everything else has to be equal. */
const justified: readonly { readonly why: string; covers(difference: Difference): boolean }[] = [
  {
    why: 'JSON is UTF-8 whatever the file was, and says so (PS3.18 §F.2)',
    covers: ({ tag, ours }) => tag === '00080005' && ours?.Value?.[0] === 'ISO_IR 192',
  },
  {
    why: 'Pixel Data is bulk data however short it is',
    covers: ({ tag, ours, theirs }) => tag === '7FE00010' && ours?.BulkDataURI === tag && theirs?.vr === ours.vr,
  },
  {
    why: 'an empty value between others is null (PS3.18 §F.2.5); pydicom writes an empty string',
    covers: ({ ours, theirs }) =>
      ours?.Value?.includes(null) === true &&
      same(
        ours.Value.map((value) => value ?? ''),
        theirs?.Value,
      ),
  },
  {
    why: 'Data Set Trailing Padding is not data',
    covers: ({ tag, ours }) => tag === 'FFFCFFFC' && ours === undefined,
  },
  {
    why: 'blanks around each value of a CS are padding (PS3.5 §6.2); pydicom strips only the last',
    covers: ({ ours, theirs }) =>
      ours?.vr === 'CS' &&
      same(
        ours.Value,
        theirs?.Value?.map((value) => String(value).trim()),
      ),
  },
  {
    why: 'the name is GB 2312 with escape sequences, which pydicom 2 does not resolve after a delimiter',
    covers: ({ file }) => file === 'synth/charset/iso2022_58.dcm',
  },
  {
    why: 'of two attributes with the same tag the first counts, as for DCMTK',
    covers: ({ file, tag }) => file.endsWith('26_duplicate_tag.dcm') && tag === '00100020',
  },
  {
    why: 'Latin-1 bytes under a declaration of UTF-8 are shown as Latin-1 rather than lost',
    covers: ({ file, tag }) => file.endsWith('45_bad_utf8.dcm') && tag === '00100010',
  },
  {
    why: 'rubbish behind the pixels is no attribute',
    covers: ({ file, ours }) => file.endsWith('58_trailing_garbage.dcm') && ours === undefined,
  },
  {
    why: 'Pixel Data without its last delimiter is kept; pydicom drops it',
    covers: ({ file, tag }) => file.endsWith('71_no_seq_delim.dcm') && tag === '7FE00010',
  },
  {
    why: 'a delimiter behind the data set is no attribute',
    covers: ({ tag, ours }) => tag === 'FFFEE0DD' && ours === undefined,
  },
];

/** Files that pydicom reads, or reads in part, and that Causeway will not keep. */
const refused: Readonly<Record<string, string>> = {
  'real/pydicom+pydicom/test_files/meta_missing_tsyntax.dcm': 'nothing in the file tells its transfer syntax',
  'real/pydicom+pydicom/test_files/no_meta.dcm': 'its first tag is no attribute',
  'synth/malformed/15_truncated_meta.dcm': 'cut off',
  'synth/malformed/17_truncated_pixels.dcm': 'cut off',
  'synth/malformed/19_sequence_past_eof.dcm': 'a sequence claims more than the file has',
  'synth/malformed/20_seq_undef_no_delim.dcm': 'cut off',
  'synth/malformed/94_empty_file.dcm': 'empty',
  'synth/malformed/95_text_file.dcm': 'text',
};

const debianPython = '/usr/bin/python3';
const hasPydicom = spawnSync(debianPython, ['-c', 'import pydicom']).status === 0;
const required = process.env.CAUSEWAY_REQUIRE_PEERS === '1';

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function scan(path: string): Promise<ScannedInstance | CausewayError> {
  const scanning = createInstanceScan({ acceptBareDataSets: true });
  try {
    await scanning.push(readFileSync(path));
    return await scanning.end();
  } catch (error) {
    if (error instanceof CausewayError) return error;
    throw error;
  } finally {
    scanning.close();
  }
}

function* differences(
  file: string,
  ours: DicomJson,
  theirs: TheirDataSet,
  bulkLengths: ReadonlyMap<string, number>,
  path = '',
): Iterable<Difference> {
  for (const tag of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [a, b] = [ours[tag], theirs[tag]];
    if (a?.vr === 'SQ' && b?.vr === 'SQ' && a.Value?.length === b.Value?.length) {
      const items = (a.Value ?? []) as DicomJson[];
      for (const [index, item] of items.entries()) {
        yield* differences(file, item, b.Value![index] as TheirDataSet, bulkLengths, `${path}${tag}/${index}/`);
      }
    } else if (!sameElement(a, b, bulkLengths.get(path + tag))) {
      yield { file, tag, ours: a, theirs: b };
    }
  }
}

function sameElement(
  a: DicomJsonElement | undefined,
  b: TheirElement | undefined,
  bulkLength: number | undefined,
): boolean {
  if (a === undefined || b === undefined || a.vr !== b.vr) return false;
  if (b.bulk !== undefined && a.BulkDataURI !== undefined) return b.bulk === bulkLength;
  if (b.bulk !== undefined && a.InlineBinary !== undefined)
    return Buffer.from(a.InlineBinary, 'base64').length === b.bulk;
  return same(a.Value ?? a.InlineBinary, b.Value ?? (b.InlineBinary || undefined));
}

describe.skipIf(!required && !(hasSharedFiles && hasPydicom))(
  'metadata of every real file (needs ../shared and python3-pydicom)',
  () => {
    const paths = [
      ...sharedFiles().map(({ path }) => path),
      ...malformedFiles().map(({ path }) => path),
      ...['ct_philips_58', 'cine_real', 'wsi_real'].flatMap(sharedSeries),
    ].filter((path, index, all) => all.indexOf(path) === index);
    let theirs: { dataSet?: TheirDataSet; error?: string }[];

    beforeAll(() => {
      const script = join(import.meta.dirname, 'pydicom-metadata.py');
      const { stdout, stderr } = spawnSync(debianPython, [script], {
        input: `${paths.join('\n')}\n`,
        maxBuffer: 256 * 1024 * 1024,
        encoding: 'utf8',
      });
      theirs = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(theirs, stderr).toHaveLength(paths.length);
    });

    test('equals the reading of pydicom but for what is listed with its reason', async () => {
      const unexplained: string[] = [];
      const used = new Set<string>();
      let compared = 0;
      for (const [index, path] of paths.entries()) {
        const file = relative(sharedDicomDir, path);
        const { dataSet, error } = theirs[index]!;
        const ours = await scan(path);
        if (ours instanceof CausewayError) {
          if (refused[file] === undefined) unexplained.push(`${file}: refused, ${ours.message}`);
          continue;
        }
        if (dataSet === undefined) {
          unexplained.push(`${file}: pydicom fails, ${error}`);
          continue;
        }
        compared++;
        const bulkLengths = new Map(ours.bulk.map((range) => [range.path, range.length]));
        for (const difference of differences(file, ours.attributes, dataSet, bulkLengths)) {
          const reason = justified.find(({ covers }) => covers(difference));
          if (reason) used.add(reason.why);
          else
            unexplained.push(
              `${file} ${difference.tag}: ${JSON.stringify([difference.ours, difference.theirs]).slice(0, 300)}`,
            );
        }
      }
      expect(unexplained).toEqual([]);
      expect(compared).toBeGreaterThan(280);
      expect(justified.filter(({ why }) => !used.has(why))).toEqual([]);
    });
  },
);
