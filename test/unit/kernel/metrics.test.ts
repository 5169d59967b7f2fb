import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/kernel/metrics.ts';

it('metrics of several houses in a process are each their own, those of the process observed once', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.associationsOpen.set(3);
  expect(await one.registry.metrics()).toContain('causeway_associations_open 3');
  expect(await other.registry.metrics()).toContain('causeway_associations_open 0');
  const lag = 'nodejs_eventloop_lag_seconds';
  expect(one.registry.getSingleMetric(lag)).toBeDefined();
  expect(one.registry.getSingleMetric(lag)).toBe(other.registry.getSingleMetric(lag));
});
