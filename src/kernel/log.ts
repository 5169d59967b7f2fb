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

/** For tests and for commands that report by themselves. */
export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLog,
};
