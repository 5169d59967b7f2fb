import { expect, it, vi } from 'vitest';
import { createBridge } from '../../../src/bridge/create-bridge.ts';
import { createFetchedInstances } from '../../../src/bridge/fetched-instances.ts';
import type { Scu } from '../../../src/dimse/scu/create-scu.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { peerDefaults } from '../../../src/peers/parse-known-peer.ts';
import type { ListedPeer } from '../../../src/peers/peers.ts';
import type { Retrieve } from '../../../src/retrieve/retrieve.ts';

const known = (aeTitle: string): ListedPeer => ({
  ...peerDefaults,
  aeTitle,
  host: '127.0.0.1',
  port: 104,
  user: undefined,
  origin: 'api',
});

/** A bridge to peers that come and go, each of which has one instance, which is here. */
function bridgeTo(...aeTitles: string[]) {
  const peers = new Map(aeTitles.map((aeTitle) => [aeTitle, known(aeTitle)]));
  const instance = { studyInstanceUid: '1', seriesInstanceUid: '1.1', sopInstanceUid: 'a', sopClassUid: '' };
  const listed: string[] = [];
  const all = vi.fn(async () => [...peers.values()]);
  const ingest = { receive: () => ({}) as never };
  const bridge = createBridge({
    peers: {
      all,
      async get(aeTitle) {
        const found = peers.get(aeTitle);
        if (found === undefined) throw new CausewayError('not-found', 'There is no such peer.');
        return found;
      },
    },
    scu: {
      async list({ aeTitle }: { readonly aeTitle: string }) {
        listed.push(aeTitle);
        return { instances: [instance], patientId: undefined };
      },
    } as unknown as Scu,
    ingest,
    retrieve: {
      async *instances() {
        yield instance;
      },
      async *metadata() {
        yield { ...instance, json: Buffer.alloc(0) };
      },
    } as unknown as Retrieve,
    aeTitle: 'CAUSEWAY',
    fetched: createFetchedInstances(ingest, undefined),
    log: silentLog,
  });
  const read = async (aeTitle: string) => {
    const { retrieve } = await bridge.services(aeTitle);
    for await (const _ of retrieve.metadata({ studyInstanceUid: '1' }));
  };
  return { bridge, peers, all, read, listed };
}

it('what one peer has told is not taken for what another has', async () => {
  const { read, listed } = bridgeTo('ONE', 'OTHER');
  for (const aeTitle of ['ONE', 'OTHER', 'ONE', 'OTHER']) await read(aeTitle);
  expect(listed).toEqual(['ONE', 'OTHER']);
});

it('of a peer that was removed, or is known otherwise since, nothing is kept', async () => {
  const { bridge, peers, read, listed } = bridgeTo('ONE');
  await read('ONE');
  const before = await bridge.services('ONE');
  expect(await bridge.services('ONE')).toBe(before);
  peers.delete('ONE');
  peers.set('OTHER', known('OTHER'));
  await read('OTHER');
  peers.set('ONE', known('ONE'));
  expect(await bridge.services('ONE')).not.toBe(before);
  await read('ONE');
  peers.set('ONE', { ...known('ONE'), port: 105 });
  await read('ONE');
  expect(listed).toEqual(['ONE', 'OTHER', 'ONE', 'ONE']);
});

it('a peer that is added while it is looked for removed ones is not taken for one of them', async () => {
  const { bridge, peers, all, read, listed } = bridgeTo('ONE');
  let answer = (_: ListedPeer[]): void => {};
  all.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
  const one = bridge.services('ONE');
  await vi.waitFor(() => expect(all).toHaveBeenCalled());
  peers.set('ADDED', known('ADDED'));
  await read('ADDED');
  answer([known('ONE')]);
  await one;
  await read('ADDED');
  expect(listed).toEqual(['ADDED']);
});

it('a peer can be asked although it cannot be told which were removed', async () => {
  const { all, read, listed } = bridgeTo('ONE');
  all.mockRejectedValueOnce(new CausewayError('unavailable', 'The index does not answer.'));
  await read('ONE');
  expect(listed).toEqual(['ONE']);
});
