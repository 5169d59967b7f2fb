import { expect, it } from 'vitest';
import { createPeerIngest } from '../../../src/bridge/peer-ingest.ts';
import type { InstanceReceiver } from '../../../src/ingest/ingest.ts';
import { silentLog } from '../../../src/kernel/log.ts';

it('nothing is sent to a peer in the place of what came and was not stored here', async () => {
  const uids = { studyInstanceUid: '1.1', seriesInstanceUid: '1.2', sopInstanceUid: '1.3', sopClassUid: '1.4' };
  const receiver: InstanceReceiver = {
    write: () => undefined,
    finish: async () => ({ status: 'kept', warnings: [], ...uids }),
    abort: async () => {},
  };
  const never = (): never => {
    throw new Error('Something was sent.');
  };
  const ingest = createPeerIngest({
    scu: { send: never },
    peer: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 104, maxAssociations: 1 },
    ingest: { receive: () => receiver },
    retrieve: { instances: never },
    transferSyntaxUids: [],
    sent: never,
    log: silentLog,
  });
  const message = expect.stringContaining('Nothing was sent to the peer.');
  expect(await ingest.receive({ door: 'stow', id: 'test' }).finish()).toEqual({
    status: 'refused',
    code: 'duplicate-differs',
    message,
    details: {},
    ...uids,
  });
});
