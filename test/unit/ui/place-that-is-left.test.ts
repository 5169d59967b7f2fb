import { expect, it } from 'vitest';
import { pageModules } from './page-modules.ts';

const load = () => pageModules(() => import('../../../src/ui/status/place-that-is-left.ts'));

it.each([
  ['where it was, if something is left there', [true, true], 'series'],
  ['a level higher, if nothing is', [false, true], 'study'],
  ['at the table, if nothing is left of the study', [false, false], 'table'],
  ['where it was, if nobody answers', [undefined, false], 'series'],
])('who deletes something is %s', async (_, [series, study], expected) => {
  const { placeThatIsLeft } = await load();
  const place = (to: string, there: boolean | undefined) => ({
    to,
    isThere: async () => {
      if (there === undefined) throw new Error('no answer');
      return there;
    },
  });
  expect(await placeThatIsLeft([place('series', series), place('study', study)], 'table')).toBe(expected);
});
