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
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(errorsInWords(), winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console({ stderrLevels: [...logLevels] })],
  });
  return upTo(level, logger);
}

/** Winston puts every line into JSON before it looks whether anybody wants it. */
function upTo(level: LogLevel, logger: winston.Logger): Log {
  const wanted = logLevels.slice(0, logLevels.indexOf(level) + 1);
  const at = (one: LogLevel): Log['error'] =>
    wanted.includes(one) ? (message, facts) => void logger[one](message, facts) : () => {};
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (facts) => upTo(level, logger.child(facts)),
  };
}
