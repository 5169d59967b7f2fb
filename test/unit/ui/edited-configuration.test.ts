import { describe, expect, it } from 'vitest';
import { shownConfiguration } from '../../../src/ui/config/edited-configuration.ts';

describe('what the forms of the configuration show', () => {
  const saved = (expression: string, etag: string) => ({ data: { filter: { expression } } as never, etag });
  const [before, now] = [saved('', '"1"'), saved("Modality == 'CT'", '"2"')];

  it('is the draft, over what it began as, also where somebody else has saved meanwhile', () => {
    const kept = { base: before, document: saved("Modality == 'MR'", '').data };
    expect(shownConfiguration(kept, now)).toBe(kept);
  });

  it('is what is saved where nothing was typed, or all of it was taken back', () => {
    const shown = { base: now, document: now.data };
    expect(shownConfiguration(undefined, now)).toEqual(shown);
    expect(shownConfiguration({ base: before, document: saved('', '').data }, now)).toEqual(shown);
  });
});
