import { afterEach, describe, expect, it } from 'vitest';
import {
  type ApplicationEntity,
  type ApplicationEntityOptions,
  createApplicationEntity,
  type IncomingQuery,
  readAttributes,
} from '../../src/library/dimse.ts';
import { buildPart10, ctElements, element, encapsulated, inTagOrder } from '../support/dicom-builder.ts';

const study = '2.25.88100';
const explicitVr = '1.2.840.10008.1.2.1';
const jpegBaseline = '1.2.840.10008.1.2.4.50';
const mpeg4 = '1.2.840.10008.1.2.4.102';
const rareJpeg = '1.2.840.10008.1.2.4.64';

/** Pixels that nobody can decode, and so nobody can convert. */
const noCodestream = encapsulated([Buffer.from('no codestream!')]);

interface Kind {
  readonly name: string;
  readonly sopClass: string;
  readonly series: number;
  readonly transferSyntaxUid: string;
}

const kinds: readonly Kind[] = [
  ['US', '6.1', 1, jpegBaseline],
  ['US loop', '3.1', 1, mpeg4],
  ['SC in the series of the US', '7', 1, jpegBaseline],
  ['endoscopy', '77.1.1.1', 2, rareJpeg],
  ['PET', '128', 3, explicitVr],
  ['CT', '2', 4, explicitVr],
  ['SR', '88.33', 5, explicitVr],
  ['KOS', '88.59', 5, explicitVr],
  ['PDF', '104.1', 6, explicitVr],
  ['RT plan', '481.5', 7, explicitVr],
].map(([name, suffix, series, transferSyntaxUid]) => ({
  name: name as string,
  sopClass: `1.2.840.10008.5.1.4.1.1.${suffix}`,
  series: series as number,
  transferSyntaxUid: transferSyntaxUid as string,
}));

const files = kinds.map(({ sopClass, series, transferSyntaxUid }, at) => {
  const uids = { study, series: `${study}.${series}`, instance: `${study}.${series}.${at}` };
  const others = ctElements(uids).filter(({ tag }) => tag !== '00080016');
  return buildPart10({
    elements: inTagOrder([
      ...others,
      element('00080016', 'UI', sopClass),
      ...(transferSyntaxUid === explicitVr ? [] : [noCodestream]),
    ]),
    transferSyntaxUid,
  });
});

describe('C-GET of a study of many SOP classes', () => {
  const open: ApplicationEntity[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((entity) => entity.close({ graceMs: 0 })));
  });
  function entity(options: ApplicationEntityOptions): ApplicationEntity {
    const made = createApplicationEntity(options);
    open.push(made);
    return made;
  }

  async function attributes() {
    return Promise.all(files.map((file) => readAttributes(file)));
  }

  /** @param tells what the archive answers to C-FIND, if anything */
  async function got(search: ApplicationEntityOptions['search'] | undefined) {
    const archive = entity({
      aeTitle: 'ARCHIVE',
      ...(search && { search }),
      async *retrieve({ matches }) {
        for (const file of files) if (matches(await readAttributes(file))) yield file;
      },
    });
    const { port } = await archive.listen(0, { host: '127.0.0.1' });
    const came: string[] = [];
    const reader = entity({
      aeTitle: 'READER',
      async receive({ sopInstanceUid, file }) {
        const bytes: Uint8Array[] = [];
        for await (const chunk of file) bytes.push(chunk);
        const at = files.findIndex((_, one) => sopInstanceUid === `${study}.${kinds[one]!.series}.${one}`);
        const isAsStored = Buffer.concat(bytes).includes(kinds[at]!.transferSyntaxUid);
        came.push(isAsStored ? kinds[at]!.name : `${kinds[at]!.name}, converted`);
      },
    });
    const told: number[] = [];
    const target = { StudyInstanceUID: study };
    const result = await reader.get({ aeTitle: 'ARCHIVE', host: '127.0.0.1', port }, target, {
      onProgress: ({ completed, failed, remaining = 0 }) => told.push(completed + failed + remaining),
    });
    return { result, came: came.sort(), told };
  }

  const everything = kinds.map(({ name }) => name).sort();

  it('brings each instance as it is there, where the archive tells what it has', async () => {
    const { result, came } = await got(async function* (query: IncomingQuery) {
      const seen = new Set<unknown>();
      for (const one of await attributes()) {
        const key = query.level === 'SERIES' ? one['SeriesInstanceUID'] : one['SOPInstanceUID'];
        if (!query.matches(one) || seen.has(key)) continue;
        seen.add(key);
        yield one;
      }
    });
    expect(came).toEqual(everything);
    expect(result).toMatchObject({ completed: kinds.length, failed: 0, failedSopInstanceUids: [] });
  });

  it('asks again for what had no room, where the archive does not tell, and brings what is not too rare', async () => {
    const { result, came, told } = await got(undefined);
    expect(came).toEqual(everything.filter((name) => name !== 'endoscopy'));
    expect(result).toMatchObject({ completed: kinds.length - 1, failed: 1 });
    expect(result.failedSopInstanceUids).toEqual([`${study}.2.3`]);
    expect(new Set(told)).toEqual(new Set([kinds.length]));
  });
});
