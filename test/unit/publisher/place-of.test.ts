import { expect, it } from 'vitest';
import { CausewayError } from '../../../src/kernel/errors.ts';
import type { ListedPeer } from '../../../src/peers/peers.ts';
import type { CloudEndpoint, DestinationSettings } from '../../../src/publisher/configuration.ts';
import { createPlaceOf } from '../../../src/publisher/place-of.ts';

const placeOf = (destination: DestinationSettings, { host = 'pacs', url = 'https://cloud.test/a' } = {}) =>
  createPlaceOf({
    get: async (aeTitle) => {
      if (aeTitle === 'NOBODY') throw new CausewayError('not-found', 'Nobody knows it.');
      return { aeTitle, host, port: 104 } as ListedPeer;
    },
  })({ destination }, { api: [{ name: 'cloud', url, token: 'secret' } as CloudEndpoint] });

it('a place is another where a peer, an endpoint or a URL is another, and the same with other credentials', async () => {
  const peer = { kind: 'dimse', peer: 'PACS', commitment: true } as const;
  const cloud = { kind: 'api', endpoint: 'cloud' } as const;
  const stow = (url: string, username = 'a'): DestinationSettings => ({
    kind: 'stow',
    url,
    auth: { kind: 'basic', username },
  });
  const [pacs, api, web] = await Promise.all([placeOf(peer), placeOf(cloud), placeOf(stow('https://web.test/a'))]);
  expect(pacs).toMatch(/^[0-9a-f]{32}$/);
  expect(await placeOf({ ...peer, commitment: false })).toBe(pacs);
  expect(await placeOf(peer, { host: 'pacs2' })).not.toBe(pacs);
  expect(await placeOf(cloud, { url: 'https://cloud.test/a/' })).toBe(api);
  expect(await placeOf(cloud, { url: 'https://cloud.test/b' })).not.toBe(api);
  expect(await placeOf(stow('https://WEB.test/a/', 'b'))).toBe(web);
  expect(new Set([pacs, api, web, await placeOf(stow('https://web.test'))]).size).toBe(4);
  expect(await placeOf({ ...peer, peer: 'NOBODY' })).toBeUndefined();
  expect(await placeOf({ kind: 'api', endpoint: 'gone' })).toBeUndefined();
});
