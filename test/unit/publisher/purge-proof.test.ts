import { expect, it } from 'vitest';
import { checkConfiguration } from '../../../src/publisher/check-configuration.ts';
import { completeConfiguration } from '../../../src/publisher/complete-configuration.ts';
import type { Configuration } from '../../../src/publisher/configuration.ts';

const jpegBaseline = '1.2.840.10008.1.2.4.50';
const jpegLs = '1.2.840.10008.1.2.4.80';

/** What is said of a policy that deletes what a publisher with these settings has confirmed. */
function problemsWith(upload: object) {
  const publisher = { name: 'cloud', destination: { kind: 'folder', path: '/there' }, confirm: true, upload };
  const purge = { afterDays: 30, deliveredTo: ['cloud'] };
  const configuration = completeConfiguration({ publishers: [publisher], purge }) as Configuration;
  const around = { peers: new Set<string>(), transferSyntaxUids: new Set([jpegBaseline, jpegLs]) };
  return checkConfiguration(configuration, around);
}

it('nothing is deleted because it has arrived elsewhere in another form', () => {
  const path = '/purge/deliveredTo/0';
  expect(problemsWith({})).toEqual([]);
  expect(problemsWith({ transferSyntaxUid: jpegLs })).toEqual([]);
  expect(problemsWith({ transferSyntaxUid: jpegBaseline })).toEqual([
    { path, message: expect.stringContaining('cloud gets instances with lossy compression') },
  ]);
  expect(problemsWith({ deidentify: { profile: 'basic', alsoRemove: [], keep: [] } })).toEqual([
    { path, message: expect.stringContaining('cloud gets instances de-identified') },
  ]);
});
