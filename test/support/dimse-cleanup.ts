import { afterEach } from 'vitest';
import type { RawClient } from './dimse-raw-client.ts';
import { startDimseServer, type TestDimseServer } from './dimse-server.ts';

/** Servers and clients of the tests of one file: whatever a test leaves open is closed behind it. */
export function dimseWithCleanup() {
  let running: TestDimseServer[] = [];
  let clients: RawClient[] = [];

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await Promise.all(running.map(({ server }) => server.close({ graceMs: 0 })));
    running = [];
    clients = [];
  });

  return {
    async start(options: Parameters<typeof startDimseServer>[0] = {}): Promise<TestDimseServer> {
      const started = await startDimseServer(options);
      running.push(started);
      return started;
    },
    async track(client: Promise<RawClient>): Promise<RawClient> {
      clients.push(await client);
      return client;
    },
  };
}
