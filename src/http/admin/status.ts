import { hostname } from 'node:os';
import type { Activity } from '../../activity/activity.ts';
import { reachableAddresses } from '../../kernel/reachable-addresses.ts';
import type { Tables } from '../../search/tables.ts';
import type { Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { type HealthParts, healthOf } from '../service-operations.ts';

/** What a person types into a modality. */
export interface Doors {
  readonly aeTitle: string;
  /** Where DIMSE listens. */
  readonly dimseHost: string;
  readonly dimsePort: number;
  readonly dimseTlsPort: number | undefined;
  readonly version: string;
}

export interface StatusParts extends HealthParts {
  readonly doors: Doors;
  readonly tables: Pick<Tables, 'totals'>;
  readonly activity: Pick<Activity, 'received'>;
  /** Bytes where files are stored; undefined where nobody knows. */
  disk(): Promise<{ readonly freeBytes: number; readonly totalBytes: number } | undefined>;
}

export function getStatus({ doors, tables, activity, checks, warnings, disk }: StatusParts): Operation {
  const startedAt = new Date().toISOString();
  return async ({ response, log }) => {
    const health = await healthOf({ checks, warnings }, log);
    // That something is away is what somebody looks here for; what is not known then is left out.
    const [totals, space] = await Promise.all([tables.totals().catch(() => undefined), disk().catch(() => ({}))]);
    const { dimseHost, dimseTlsPort, ...known } = doors;
    response.setHeader('Cache-Control', 'no-store');
    response.json({
      ...known,
      ...(dimseTlsPort === undefined ? {} : { dimseTlsPort }),
      hostName: hostname(),
      addresses: reachableAddresses(dimseHost),
      startedAt,
      now: new Date().toISOString(),
      health,
      ...(totals && { totals }),
      ...(space && { disk: space }),
      received: activity.received().map(({ minute, ...counts }) => ({ minute: minute.toISOString(), ...counts })),
    } satisfies components['schemas']['Status']);
  };
}
