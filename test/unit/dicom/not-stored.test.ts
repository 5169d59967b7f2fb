import { expect, it } from 'vitest';
import { saysNotStored } from '../../../src/dicom/not-stored.ts';

it.each([
  ['that other content is kept', 0xb006, 'Not stored: other content under this UID is kept.', true],
  ['so in the words of earlier versions', 0xb006, 'Discarded: other content under this UID is kept.', true],
  ['that elements were discarded', 0xb006, 'Elements Discarded', false],
  ['that private elements were discarded', 0xb006, 'Discarded private elements', false],
  ['nothing beside the status', 0xb006, undefined, false],
  ['something else', 0xb000, 'Not stored as it came, but with other names.', false],
])('a receiver that says %s is understood', (_what, status, comment, expected) => {
  expect(saysNotStored(status, comment)).toBe(expected);
});
