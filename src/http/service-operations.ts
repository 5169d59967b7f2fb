import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { Operation } from './exchange.ts';
import type { components } from './openapi.gen.ts';

/** What a load balancer and the person behind it learn. */
type Health = components['schemas']['Health'];

/** Whether one part of the house can be used; resolves if so. */
type HealthCheck = () => Promise<unknown>;

export interface HealthParts {
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** What somebody has to see to although everything can be used, in words. */
  readonly warnings: () => Promise<readonly string[]>;
  /** A check that takes longer has failed; 5 s unless given. */
  readonly timeoutMs?: number;
}

/** The process answers; nothing else is looked at, lest a database that is away restarts every node. */
export const live: Operation = async ({ response }) => {
  response.setHeader('Cache-Control', 'no-store');
  response.json({ status: 'ok' } satisfies Health);
};

/** 200 if all checks pass, else 503 that names those that do not. */
export function ready(parts: HealthParts): Operation {
  return async ({ response, log }) => {
    const health = await healthOf(parts, log);
    response.setHeader('Cache-Control', 'no-store');
    response.status(health.status === 'ok' ? 200 : 503).json(health);
  };
}

/** What the checks find; never rejects. */
export async function healthOf({ checks, warnings, timeoutMs = 5_000 }: HealthParts, log: Log): Promise<Health> {
  // What keeps them from being told fails a check.
  const told = within(timeoutMs, warnings()).catch(() => []);
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await within(timeoutMs, check());
        return [name, { ok: true }] as const;
      } catch (thrown) {
        log.warn('health check failed', { check: name, error: String(thrown) });
        return [name, { ok: false, message: thrown instanceof Error ? thrown.message : 'failed' }] as const;
      }
    }),
  );
  const allOk = results.every(([, { ok }]) => ok);
  const found = await told;
  return {
    status: allOk ? 'ok' : 'unavailable',
    checks: Object.fromEntries(results),
    ...(found.length > 0 && { warnings: [...found] }),
  };
}

/** A database behind a dead connection and a share that is gone do not fail: they do not answer. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const tooLate = delay(timeoutMs, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`It has not answered for ${timeoutMs / 1_000} s.`);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    waiting.abort();
    tooLate.catch(() => {});
  }
}

export function metricsText({ registry }: Metrics): Operation {
  return async ({ response }) => {
    response.setHeader('Content-Type', registry.contentType);
    response.end(await registry.metrics());
  };
}
