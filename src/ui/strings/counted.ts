import { wholeNumber } from '../format.ts';

/** `1 image`, `2,000 images`. @param many as it is for none, too */
export function counted(count: number, one: string, many: string): string {
  return `${wholeNumber(count)} ${count === 1 ? one : many}`;
}

export const images = (count: number): string => counted(count, 'image', 'images');
export const studies = (count: number): string => counted(count, 'study', 'studies');
export const graphs = (count: number): string => counted(count, 'graph', 'graphs');
export const files = (count: number): string => counted(count, 'file', 'files');
