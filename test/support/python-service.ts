import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A Python program that does one job after the other: to import its packages takes longer than most jobs. */
export interface PythonService {
  /**
   * @param job goes to it as a line of JSON, which it answers with a line: `done`, or what went wrong
   * @throws with what it says
   */
  perform(job: unknown): Promise<void>;
  close(): void;
}

export function startPythonService(python: string, program: string): PythonService {
  const child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  // That it ended is told by the answer that does not come.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  return {
    perform(job) {
      const performed = last.then(async () => {
        child.stdin.write(`${JSON.stringify(job)}\n`);
        const answer = await answers.next();
        if (answer.done === true) throw new Error(`${program} ended.`);
        if (answer.value !== 'done') throw new Error(`${program}: ${answer.value}`);
      });
      last = performed.catch(() => {});
      return performed;
    },
    close: () => void child.kill(),
  };
}
