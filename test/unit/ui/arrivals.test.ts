import { describe, expect, it } from 'vitest';
import { type Arrived, withArrival } from '../../../src/ui/home/arrivals.ts';

let told = 0;
function event(kind: 'echo' | 'instance' | 'graph', more: object = {}, seconds = 0) {
  told += 1;
  return { id: `a-${told}`, kind, at: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(), ...more };
}

function linesOf(events: ReturnType<typeof event>[]): readonly Arrived[] {
  return events.reduce<readonly Arrived[]>(withArrival, []);
}

const ct = { association: '1', callingAeTitle: 'CT', outcome: 'stored' };
const mr = { association: '2', callingAeTitle: 'MR', outcome: 'stored' };

describe('what arrives', () => {
  it('is one line for all of an association that have the same fate, however many and whatever comes between', () => {
    const events = Array.from({ length: 1_000 }, (_, at) => event('instance', at % 2 === 0 ? ct : mr, at / 100));
    const lines = linesOf([...events, event('graph'), event('instance', { ...ct, outcome: 'refused' }, 11)]);
    expect(lines.map(({ event: { callingAeTitle, outcome }, count }) => [callingAeTitle, outcome, count])).toEqual([
      ['CT', 'refused', 1],
      ['MR', 'stored', 500],
      ['CT', 'stored', 500],
    ]);
    expect(lines[2]?.id).toBe(events[0]?.id);
  });

  it('is a line of its own where it comes a minute later, and each echo is', () => {
    expect(linesOf([event('instance', ct), event('instance', ct, 61)])).toHaveLength(2);
    expect(linesOf([event('echo', ct), event('echo', ct)])).toHaveLength(2);
  });

  it('is forgotten after some time', () => {
    const lines = linesOf(Array.from({ length: 100 }, () => event('echo')));
    expect([lines.length, lines[0]?.event.id]).toEqual([60, `a-${told}`]);
  });
});
