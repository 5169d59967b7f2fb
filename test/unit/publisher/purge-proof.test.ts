import { expect, it } from 'vitest';
import { checkConfiguration } from '../../../src/publisher/check-configuration.ts';
import { completeConfiguration } from '../../../src/publisher/complete-configuration.ts';
import type { Configuration } from '../../../src/publisher/configuration.ts';

const jpegBaseline = '1.2.840.10008.1.2.4.50';
const jpegLs = '1.2.840.10008.1.2.4.80';

/** What is said of a policy that deletes what a publisher with these settings has confirmed. */
function problemsWith(upload: object, over: object = {}) {
  const publisher = { name: 'cloud', destination: { kind: 'folder', path: '/there' }, confirm: true, upload, ...over };
  const purge = { afterDays: 30, deliveredTo: ['cloud'] };
  const api = ['series', 'instance'].map((computePer) => ({
    name: computePer,
    url: 'https://c.test',
    source: 's',
    computePer,
  }));
  const configuration = completeConfiguration({ api, publishers: [publisher], purge }) as Configuration;
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

it('is told where nothing would ever be deleted, as nobody confirms anything', () => {
  const path = '/purge/deliveredTo/0';
  expect(problemsWith({}, { confirm: false })).toEqual([
    { path, message: expect.stringContaining('cloud does not ask its receiver') },
  ]);
  const hl7 = { kind: 'hl7', host: 'ris', port: 2575 };
  const webhook = { kind: 'webhook', url: 'https://there.test' };
  for (const destination of [hl7, webhook, { kind: 'api', endpoint: 'series' }]) {
    expect(problemsWith({}, { destination })).toEqual([
      { path, message: expect.stringContaining('cannot be asked what it has') },
    ]);
  }
  expect(problemsWith({}, { destination: { kind: 'api', endpoint: 'instance' } })).toEqual([]);
});
