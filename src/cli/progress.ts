import { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

/** Tells how far a command has come. */
export interface Progress {
  /** @param total undefined as long as nobody knows */
  update(done: number, total: number | undefined, note: string): void;
  /** Leaves the terminal as lines may follow. */
  stop(): void;
}

/** Without a person to watch, one line each so many files is enough. */
const filesPerLine = 1000;

/** A bar on a terminal, else a plain line from time to time, both on standard error. */
export function createProgress(terminal: Terminal, unit: string): Progress {
  return terminal.interactive ? barProgress(unit) : lineProgress(terminal, unit);
}

function barProgress(unit: string): Progress {
  const bar = new SingleBar({
    format: `{bar} {value}/{total} ${unit} · {note}`,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  bar.start(1, 0, { note: 'starting' });
  return {
    update(done, total, note) {
      bar.setTotal(Math.max(done, total ?? 0));
      bar.update(done, { note });
    },
    stop: () => bar.stop(),
  };
}

function lineProgress(terminal: Terminal, unit: string): Progress {
  let printed = 0;
  return {
    update(done, _total, note) {
      if (done < printed + filesPerLine) return;
      printed = done;
      terminal.complain(`${done} ${unit} · ${note}`);
    },
    stop() {},
  };
}
