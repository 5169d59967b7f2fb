import { expect, it } from 'vitest';
import { placeOf } from '../../../src/ui/place-of.ts';

it.each([
  ['/', '', 'Causeway'],
  ['/status/studies', 'status', 'Studies · Status · Causeway'],
  ['/status/studies/1.2.840.10008', 'status', 'Study · Status · Causeway'],
  ['/status/patient', 'status', 'Patient · Status · Causeway'],
  ['/status/nowhere', 'status', 'Status · Causeway'],
  ['/config/peers', 'config', 'Peers · Config · Causeway'],
  ['/upload', 'upload', 'Upload · Causeway'],
  ['/home', 'home', 'Causeway'],
])('the title at %s tells where one is, and names nobody', (pathname, section, title) => {
  expect(placeOf(pathname)).toEqual({ section, title });
});
