import { describe, expect, it } from 'vitest';
import { createTaskLane } from '../../../src/kernel/task-lane.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a task lane', () => {
  it('never runs more tasks than it may, and keeps that many running', async () => {
    const lane = createTaskLane(3);
    let running = 0;
    let most = 0;
    let done = 0;
    for (let i = 0; i < 50; i++) {
      await lane.start(async () => {
        most = Math.max(most, ++running);
        for (let turns = 0; turns < i % 4; turns++) await turn();
        running--;
        done++;
      });
    }
    await lane.idle();
    expect({ most, done, running }).toEqual({ most: 3, done: 50, running: 0 });
  });

  it('lets what runs end when a task fails, then tells the first failure', async () => {
    const lane = createTaskLane(2);
    let ended = false;
    await lane.start(async () => {
      await turn();
      await turn();
      ended = true;
    });
    await lane.start(() => Promise.reject(new Error('first')));
    await expect(lane.start(() => Promise.reject(new Error('second')))).rejects.toThrow('first');
    await expect(lane.idle()).rejects.toThrow('first');
    expect(ended).toBe(true);
  });
});
