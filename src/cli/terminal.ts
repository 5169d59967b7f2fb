/** Where a command writes to; tests bring their own. */
export interface Terminal {
  /** What the command was asked for: standard output. */
  print(line: string): void;
  /** What went wrong: standard error. */
  complain(line: string): void;
  /** True if a person watches standard error, so that a line may be drawn again and again. */
  readonly interactive: boolean;
}

export const processTerminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  interactive: process.stderr.isTTY === true,
};

/** A file name as it may be shown: names in archives can hold control sequences. */
export function printable(name: string): string {
  return name.replace(/[\0-\x1F\x7F-\x9F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, '?');
}

/** `1 file`, `12 files`, `1,200 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
