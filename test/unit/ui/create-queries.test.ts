import { onlineManager, type QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pageModules } from './page-modules.ts';

let queries: QueryClient;
beforeEach(async () => {
  const { createQueries } = await pageModules(() => import('../../../src/ui/create-queries.ts'));
  queries = createQueries();
  onlineManager.setOnline(false);
});
afterEach(() => {
  onlineManager.setOnline(true);
  queries.clear();
});

it('what is read is read, and what is asked for is done at once, also where the browser takes itself for offline', async () => {
  const asked: string[] = [];
  expect(await queries.fetchQuery({ queryKey: ['studies'], queryFn: () => 'read' })).toBe('read');
  const deletion = queries.getMutationCache().build(queries, { mutationFn: async () => void asked.push('deleted') });
  await deletion.execute(undefined);
  expect([asked, deletion.state.isPaused]).toEqual([['deleted'], false]);
});
