import { expect, it } from 'vitest';
import { getStatus, type StatusParts } from '../../../src/http/admin/status.ts';
import type { Exchange } from '../../../src/http/exchange.ts';
import type { components } from '../../../src/http/openapi.gen.ts';
import { silentLog } from '../../../src/kernel/log.ts';

async function statusOf(parts: Partial<StatusParts>): Promise<components['schemas']['Status']> {
  const doors = { aeTitle: 'A', dimseHost: '127.0.0.1', dimsePort: 104, dimseTlsPort: undefined, version: '1' };
  const totals = async () => ({ studies: 1, series: 2, instances: 3 });
  const told: components['schemas']['Status'][] = [];
  const response = { setHeader() {}, json: (body: components['schemas']['Status']) => told.push(body) };
  const operation = getStatus({
    doors,
    tables: { totals },
    activity: { received: () => [] },
    checks: {},
    warnings: async () => [],
    disk: async () => undefined,
    ...parts,
  } as StatusParts);
  await operation({ response, log: silentLog } as unknown as Exchange);
  return told[0]!;
}

it('leaves out what nobody could find out, and does not call it nothing', async () => {
  const away = () => Promise.reject(new Error('away'));
  const unknown = await statusOf({ tables: { totals: away }, disk: away });
  expect([unknown.totals, unknown.disk]).toEqual([undefined, {}]);
  // An object store has no end.
  const known = await statusOf({});
  expect([known.totals, known.disk]).toEqual([{ studies: 1, series: 2, instances: 3 }, undefined]);
});
