import { expect, it } from 'vitest';
import { healthOf } from '../../../src/http/service-operations.ts';
import { silentLog } from '../../../src/kernel/log.ts';

it('what does not answer fails a health check, rather than have it wait', async () => {
  const never = () => new Promise<never>(() => {});
  const checks = { database: never, blobs: async () => {} };
  expect(await healthOf({ checks, warnings: never, timeoutMs: 20 }, silentLog)).toEqual({
    status: 'unavailable',
    checks: { database: { ok: false, message: 'It has not answered for 0.02 s.' }, blobs: { ok: true } },
  });
});
