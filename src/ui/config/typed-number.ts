/**
 * What a number field means by what is typed: undefined if it is empty. What is no number, or not one yet, stays what it is, so that
 * the schema finds fault with it; the number that was there before is not what anybody meant.
 */
export function typedNumber(typed: number | string): number | string | undefined {
  if (typeof typed === 'number') return typed;
  if (typed.trim() === '') return undefined;
  const number = Number(typed);
  return Number.isFinite(number) ? number : typed;
}
