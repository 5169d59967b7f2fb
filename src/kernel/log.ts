import { inspect } from 'node:util';
import winston from 'winston';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Structured facts of a log line: ids, counts, addresses; never a patient's name, id or birth date. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** ERROR means that somebody must act. */
export interface Log {
  error(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  debug(message: string, facts?: LogFacts): void;
  /** A log whose every line carries these facts, such as the association or request id. */
  child(facts: LogFacts): Log;
}

/** An error has no fields of its own that JSON would show: what it is, where it comes from and its causes are put into words. */
const errorsInWords = winston.format((line) => {
  for (const [name, fact] of Object.entries(line)) if (fact instanceof Error) line[name] = inspect(fact);
  return line;
});

/** JSON lines on standard error, so that standard output stays free for what a command prints. */
export function createLog(level: LogLevel): Log {
  return winston.createLogger({
    level,
    format: winston.format.combine(errorsInWords(), winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console({ stderrLevels: [...logLevels] })],
  });
}

/** For tests and for commands that report by themselves. */
export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLog,
};
