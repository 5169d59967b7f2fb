import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

let ofProcess: Registry | undefined;

/** Of memory, garbage and delays: their observers go on for ever, so that there is one of each however many houses there are. */
function metricsOfProcess(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

/** Every metric of one process, in the Prometheus text format by `registry.metrics()`. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const metrics = {
    instancesReceived: new Counter({
      name: 'causeway_instances_received_total',
      help: 'Instances that arrived, by door and outcome',
      labelNames: ['door', 'outcome'] as const,
      registers,
    }),
    bytesReceived: new Counter({
      name: 'causeway_received_bytes_total',
      help: 'Bytes of instances that arrived, by door',
      labelNames: ['door'] as const,
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'causeway_http_request_seconds',
      help: 'Time to answer an HTTP request, by operation and status',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
      registers,
    }),
    associationsOpen: new Gauge({
      name: 'causeway_associations_open',
      help: 'DIMSE associations open now',
      registers,
    }),
    associations: new Counter({
      name: 'causeway_associations_total',
      help: 'DIMSE associations, by how they ended',
      labelNames: ['end'] as const,
      registers,
    }),
    deliveries: new Counter({
      name: 'causeway_deliveries_total',
      help: 'Instances that were sent to publishers, by what became of them',
      labelNames: ['publisher', 'outcome'] as const,
      registers,
    }),
    publishingQueue: new Gauge({
      name: 'causeway_publishing_tasks',
      help: 'Tasks of publishing that are still to be done, on all nodes',
      labelNames: ['publisher', 'type'] as const,
      registers,
    }),
    publishingAge: new Gauge({
      name: 'causeway_publishing_oldest_seconds',
      help: 'Age of the oldest task of publishing that is still to be done',
      labelNames: ['publisher'] as const,
      registers,
    }),
    imagingSeconds: new Histogram({
      name: 'causeway_imaging_seconds',
      help: 'Time to decode, encode or render a frame, by job and outcome',
      labelNames: ['job', 'outcome'] as const,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers,
    }),
  };
  return { registry: Registry.merge([metricsOfProcess(), registry]), ...metrics };
}

export type Metrics = ReturnType<typeof createMetrics>;
