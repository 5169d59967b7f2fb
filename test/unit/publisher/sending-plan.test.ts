import { describe, expect, test } from 'vitest';
import { checkConfiguration } from '../../../src/publisher/check-configuration.ts';
import { completeConfiguration } from '../../../src/publisher/complete-configuration.ts';
import { sendingPlan, uploadOf } from '../../../src/publisher/sending-plan.ts';

const nothingKnown = { peers: new Set<string>(), transferSyntaxUids: new Set<string>() };

function configured(deidentify: object, results?: object) {
  return completeConfiguration({
    upload: { batchSize: 10, deidentify },
    publishers: [{ name: 'one', destination: { kind: 'folder', path: '/there' }, results }],
  });
}

function planOf(deidentify: object, destination: Partial<Parameters<typeof sendingPlan>[2]> = {}, results?: object) {
  const configuration = configured(deidentify, results);
  const kind = { confirm: undefined, results: undefined, ...destination };
  return sendingPlan(configuration.publishers[0]!, configuration, kind);
}

const asked = async () => [];
const made = async () => ({ complete: true, results: [] });

test('what is told in one message is one batch, however large; what is sent is divided as the site says', () => {
  expect(planOf({}).batchSize).toBe(10);
  expect(planOf({}, { wholeUnits: false }).batchSize).toBe(10);
  expect(planOf({}, { wholeUnits: true }).batchSize).toBe(100_000);
});

test('there are tasks for what is asked for and can be had', () => {
  expect(planOf({}, { confirm: asked, results: made })).toMatchObject({
    ofBatch: ['upload', 'confirm'],
    afterwards: [],
  });
  expect(planOf({ profile: 'basic' }, { results: made }, { publishBackTo: ['two'] })).toMatchObject({
    ofBatch: ['anonymise', 'upload'],
    afterwards: ['results', 'publish-back'],
  });
  expect(planOf({ profile: 'basic' }, {}, { publishBackTo: ['two'] }).afterwards).toEqual([]);
});

test.each([{ alsoRemove: ['Modality'] }, { keep: ['StudyDate'] }])(
  'without a profile there is nothing to add to or take from: %j is refused, and never goes out with names in it',
  (lists) => {
    expect(checkConfiguration(configured({ profile: 'basic', ...lists }), nothingKnown)).toEqual([]);
    expect(checkConfiguration(configured({ profile: 'none', ...lists }), nothingKnown)).toEqual([
      {
        path: '/upload/deidentify/profile',
        message: 'Attributes are removed and kept by a profile: choose one, or leave the lists empty.',
      },
    ]);
  },
);

test('a list of what is to go that was kept from before it was refused is taken for the whole profile', () => {
  expect(planOf({ profile: 'none', alsoRemove: ['Modality'] }).ofBatch).toEqual(['anonymise', 'upload']);
});

describe('the de-identification of a publisher', () => {
  const site = { profile: 'basic', alsoRemove: ['StudyDescription'], keep: ['PatientAge'] } as const;
  const uploadWith = (deidentify: object | undefined) => {
    const configuration = completeConfiguration({
      upload: { deidentify: site },
      publishers: [{ name: 'one', destination: { kind: 'folder', path: '/there' }, upload: { deidentify } }],
    });
    return { configuration, upload: uploadOf(configuration.publishers[0]!, configuration) };
  };

  test.each([
    ['as that of the site where it says nothing', undefined, site],
    ['none where it says so', { profile: 'none' }, { profile: 'none', alsoRemove: [], keep: [] }],
    [
      'no less than that of the site where it says a profile only',
      { profile: 'basic' },
      { profile: 'basic', alsoRemove: ['StudyDescription'], keep: [] },
    ],
    [
      'no less than that of the site where its own list is empty',
      { profile: 'basic', alsoRemove: [], keep: ['PatientSex'] },
      { profile: 'basic', alsoRemove: ['StudyDescription'], keep: ['PatientSex'] },
    ],
    [
      'what it removes itself with what the site removes',
      { profile: 'basic', alsoRemove: ['Modality', 'StudyDescription'] },
      { profile: 'basic', alsoRemove: ['Modality', 'StudyDescription'], keep: [] },
    ],
    [
      'what it removes itself, besides',
      { profile: 'basic', alsoRemove: ['PatientComments'] },
      { profile: 'basic', alsoRemove: ['PatientComments', 'StudyDescription'], keep: [] },
    ],
  ])('is %s', (_, given, expected) => {
    const { configuration, upload } = uploadWith(given);
    expect(upload.deidentify).toEqual(expected);
    expect(checkConfiguration(configuration, nothingKnown)).toEqual([]);
  });

  test('is refused where it keeps what the site removes, whatever it removes itself', () => {
    const { configuration } = uploadWith({ profile: 'basic', alsoRemove: ['Modality'], keep: ['StudyDescription'] });
    expect(checkConfiguration(configuration, nothingKnown)).toEqual([
      {
        path: '/publishers/0/upload/deidentify/keep/0',
        message: 'StudyDescription is to be kept and to be removed.',
      },
    ]);
  });
});
