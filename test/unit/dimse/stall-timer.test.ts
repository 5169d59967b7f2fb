import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStallTimer } from '../../../src/dimse/association/stall-timer.ts';

describe('stall timer', () => {
  let stalls: string[];
  const create = () => createStallTimer((waitingFor, timeoutMs) => stalls.push(`${waitingFor} ${timeoutMs}`));

  beforeEach(() => {
    vi.useFakeTimers();
    stalls = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells for what was waited in vain', () => {
    create().wait('the request', 100);
    vi.advanceTimersByTime(99);
    expect(stalls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(stalls).toEqual(['the request 100']);
  });

  it('starts anew when something else is waited for, and not when it is the same', () => {
    const timer = create();
    timer.wait('a message', 100);
    vi.advanceTimersByTime(60);
    timer.wait('a message', 100);
    vi.advanceTimersByTime(39);
    timer.wait('the rest', 100);
    vi.advanceTimersByTime(99);
    expect(stalls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(stalls).toEqual(['the rest 100']);
  });

  it('stops when nothing is waited for', () => {
    const timer = create();
    timer.wait('a message', 100);
    timer.wait(undefined, 0);
    vi.advanceTimersByTime(1000);
    expect(stalls).toEqual([]);
  });

  it('starts anew where the peer has done a part of what is waited for', () => {
    const timer = create();
    timer.restart();
    timer.wait('the response', 100);
    vi.advanceTimersByTime(90);
    timer.restart();
    vi.advanceTimersByTime(99);
    expect(stalls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(stalls).toEqual(['the response 100']);
  });

  it('is prolonged by bytes enough, not by few', () => {
    const timer = create();
    timer.wait('the rest', 100);
    vi.advanceTimersByTime(90);
    timer.progress(2000);
    vi.advanceTimersByTime(90);
    timer.progress(10);
    expect(stalls).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(stalls).toEqual(['the rest 100']);
  });
});
