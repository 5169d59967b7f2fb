import { expect, it } from 'vitest';
import type { UnfilteredInstance } from '../../../src/index/publishing-instances.ts';
import { createFilterTask } from '../../../src/publisher/run-filter-task.ts';
import type { RunningTask } from '../../../src/publisher/run-task.ts';

it('a filter that is asked about very many instances gives a sign of life with every page of them', async () => {
  const gone = { metadata: undefined } as UnfilteredInstance;
  let pages = 3;
  let signs = 0;
  const run = createFilterTask({
    instances: {
      unfiltered: async () => (pages-- > 0 ? [gone] : []),
      recordFiltered: async () => true,
    } as unknown as Parameters<typeof createFilterTask>[0]['instances'],
    tasks: { endFilter: async () => true },
    compileFilter: () => ({ selects: () => true, whyNot: () => undefined }),
    clock: { now: () => new Date(0) },
  });
  await run({
    task: { origin: 'send' },
    publisher: { upload: {} },
    configuration: { upload: { deidentify: { profile: 'none', alsoRemove: [], keep: [] } } },
    destination: {},
    sending: { signal: new AbortController().signal },
    progress: async () => {},
    alive: () => void signs++,
  } as unknown as RunningTask);
  expect(signs).toBe(3);
});
