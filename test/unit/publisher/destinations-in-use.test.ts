import { expect, test } from 'vitest';
import { silentLog } from '../../../src/kernel/log.ts';
import { completeConfiguration } from '../../../src/publisher/complete-configuration.ts';
import type { Destination } from '../../../src/publisher/destination.ts';
import { createDestinationsInUse } from '../../../src/publisher/destinations-in-use.ts';

function inUse() {
  const told: string[] = [];
  let made = 0;
  const destinations = createDestinationsInUse(({ name }) => {
    const label = `${name} ${++made}`;
    told.push(`made ${label}`);
    return { label, close: async () => void told.push(`closed ${label}`) } as unknown as Destination;
  }, silentLog);
  const use = (document: object, work: () => Promise<void> = async () => {}) => {
    const configuration = completeConfiguration(document);
    return destinations.use(configuration.publishers[0]!, configuration, work);
  };
  return { told, use, close: destinations.close };
}

const ris = { name: 'ris', destination: { kind: 'hl7', host: 'ris', port: 2575 } };
const cloud = { name: 'cloud', destination: { kind: 'api', endpoint: 'there' } };
const there = { name: 'there', url: 'https://there.example', source: 'here' };
const basic = { deidentify: { profile: 'basic' } };

test('a destination is made once, whatever changes beside it', async () => {
  const { told, use, close } = inUse();
  await use({ publishers: [ris] });
  await use({ publishers: [{ ...ris, expression: "Modality == 'CT'", upload: { batchSize: 7 } }], api: [there] });
  expect(told).toEqual(['made ris 1']);
  await close();
  expect(told).toEqual(['made ris 1', 'closed ris 1']);
});

test.each<[what: string, before: object, after: object]>([
  ['its settings', { publishers: [ris] }, { publishers: [{ ...ris, destination: { ...ris.destination, port: 1 } }] }],
  ['its endpoint', { publishers: [cloud], api: [there] }, { publishers: [cloud], api: [{ ...there, source: 'x' }] }],
  ['its de-identification', { publishers: [ris] }, { publishers: [{ ...ris, upload: basic }] }],
  ['the de-identification of the site', { publishers: [ris] }, { publishers: [ris], upload: basic }],
])('it is made anew with %s, and the old one is closed when nobody uses it any more', async (_what, before, after) => {
  const { told, use } = inUse();
  const { name } = (before as { publishers: [{ name: string }] }).publishers[0];
  await use(before, async () => {
    await use(after);
    expect(told).toEqual([`made ${name} 1`, `made ${name} 2`]);
  });
  expect(told).toEqual([`made ${name} 1`, `made ${name} 2`, `closed ${name} 1`]);
});
