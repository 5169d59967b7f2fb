import { describe, expect, it } from 'vitest';
import { replayRequest } from '../../../src/ui/config/replay-request.ts';

describe('what is stored is sent', () => {
  it('by the filters that are saved: none is given that would be asked instead', () => {
    expect(replayRequest({ publisher: 'cloud', from: '', till: '', again: false })).toEqual({
      publisher: 'cloud',
      from: '1900-01-01',
      till: '9999-12-31',
      again: false,
    });
  });

  it('of the days that are meant at this screen, to their last moment', () => {
    const { from, till } = replayRequest({ publisher: 'cloud', from: '2026-03-29', till: '2026-03-29', again: true });
    expect(from).toBe(new Date(2026, 2, 29).toISOString());
    expect(till).toBe(new Date(new Date(2026, 2, 30).getTime() - 1).toISOString());
  });
});
