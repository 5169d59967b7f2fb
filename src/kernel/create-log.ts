import { inspect } from 'node:util';
import winston from 'winston';
import { type Log, type LogLevel, logLevels } from './log.ts';

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
