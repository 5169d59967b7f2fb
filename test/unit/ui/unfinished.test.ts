import { describe, expect, it } from 'vitest';
import { askBeforeLeaving, holdPage, keepDroppedFilesOut, mayReload } from '../../../src/ui/unfinished.ts';

describe('the page', () => {
  it('is left without a question only where nothing would be lost', () => {
    const target = new EventTarget();
    askBeforeLeaving(target as unknown as Window);
    const asks = () => !target.dispatchEvent(new Event('beforeunload', { cancelable: true }));
    expect(asks()).toBe(false);
    holdPage('uploads', true);
    holdPage('draft', true);
    holdPage('uploads', false);
    expect(asks()).toBe(true);
    holdPage('draft', false);
    expect(asks()).toBe(false);
  });

  it('is not replaced by a file that is dropped beside what takes it, and texts can be dropped into its fields', () => {
    const target = new EventTarget();
    keepDroppedFilesOut(target as unknown as Window);
    const isLeftToTheBrowser = (type: string, types: string[]) =>
      target.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), { dataTransfer: { types } }));
    expect(['dragover', 'drop'].map((type) => isLeftToTheBrowser(type, ['Files']))).toEqual([false, false]);
    expect(['dragover', 'drop'].map((type) => isLeftToTheBrowser(type, ['text/plain']))).toEqual([true, true]);
  });

  it('loads itself anew once, and not over and over', () => {
    const memory = new Map<string, string>();
    const storage = {
      getItem: (key: string) => memory.get(key) ?? null,
      setItem: (key: string, value: string) => void memory.set(key, value),
    };
    expect([1_000_000, 1_001_000, 1_059_000, 1_061_000].map((now) => mayReload(() => storage, now))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const none = (): never => {
      throw new DOMException('denied', 'SecurityError');
    };
    expect(mayReload(none, 1)).toBe(false);
  });
});
