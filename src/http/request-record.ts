import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import { matchedOperation } from './validate-request.ts';

export interface RequestRecord {
  readonly id: string;
  /** Every line carries the id. */
  readonly log: Log;
}

const records = new WeakMap<Request, RequestRecord>();

/** @throws Error if the request did not pass `recordRequests` */
export function recordOf(request: Request): RequestRecord {
  const record = records.get(request);
  if (record === undefined) throw new Error('The request has no record.');
  return record;
}

/** Gives each request its id, and a log line and a measurement when it is over. Query strings hold names of patients: they are not logged. */
export function recordRequests(log: Log, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const id = randomUUID();
    const { method } = request;
    const started = process.hrtime.bigint();
    const record: RequestRecord = { id, log: log.child({ request: id }) };
    records.set(request, record);
    response.setHeader('X-Request-Id', id);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const route = matchedOperation(request)?.route ?? 'none';
      const status = response.writableFinished ? String(response.statusCode) : 'aborted';
      metrics.httpSeconds.observe({ method, route, status }, seconds);
      record.log.debug('http request', { method, route, status, ms: Math.round(seconds * 1000) });
    });
    next();
  };
}
