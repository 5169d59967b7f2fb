import { CausewayError } from '../kernel/errors.ts';
import { nearestName } from '../kernel/nearest-name.ts';
import { type Command, type CommandContext, UsageError } from './command.ts';
import { commitCommand } from './commit.ts';
import { echoCommand } from './echo.ts';
import { exportCommand } from './export.ts';
import { findCommand } from './find.ts';
import { getCommand } from './get.ts';
import { importCommand } from './import.ts';
import { moveCommand } from './move.ts';
import { passcodeCommand } from './passcode.ts';
import { reindexCommand } from './reindex.ts';
import { sendCommand } from './send.ts';
import { startCommand } from './start.ts';
import { verifyCommand } from './verify.ts';
import { worklistCommand } from './worklist.ts';

const commands: Readonly<Record<string, Command>> = {
  start: startCommand,
  import: importCommand,
  export: exportCommand,
  reindex: reindexCommand,
  verify: verifyCommand,
  echo: echoCommand,
  find: findCommand,
  get: getCommand,
  move: moveCommand,
  send: sendCommand,
  commit: commitCommand,
  worklist: worklistCommand,
  passcode: passcodeCommand,
};

const usage = `Usage: causeway COMMAND [options]

Commands
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

causeway COMMAND --help tells more about a command.`;

/**
 * Runs the command that the arguments name.
 * @param args without `node` and the name of the script
 * @returns exit code: 0 all is well, 1 something is not, 2 the command was not understood
 */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.print(usage);
    return 0;
  }
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    terminal.complain(name === undefined ? usage : `${noCommand(name)}\n\n${usage}`);
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.usage);
    return 0;
  }
  try {
    return await command.run(rest, context);
  } catch (thrown) {
    if (isUsageError(thrown)) {
      const [line] = command.usage.split('\n');
      terminal.complain(`${wordsOf(thrown, command)}\n\n${line}\ncauseway ${name} --help tells more.`);
      return 2;
    }
    if (!(thrown instanceof CausewayError)) throw thrown;
    terminal.complain(thrown.message);
    return 1;
  }
}

function noCommand(name: string): string {
  const near = nearestName(name, Object.keys(commands));
  return `There is no command "${name}"${near === undefined ? '.' : `; is ${near} meant?`}`;
}

/** Of an option that does not exist, `parseArgs` says how to give a file of that name, and not what might be meant. */
function wordsOf(thrown: Error, command: Command): string {
  const [, option] = ('code' in thrown && /^Unknown option '(-[^']*)'/.exec(thrown.message)) || [];
  if (option === undefined) return thrown.message;
  const near = nearestName(option, command.usage.match(/--[a-z][a-z-]*/g) ?? []);
  return `There is no option ${option}${near === undefined ? '.' : `; is ${near} meant?`}`;
}

/** Ours, or that of `parseArgs`. */
function isUsageError(thrown: unknown): thrown is Error {
  if (thrown instanceof UsageError) return true;
  return thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS_');
}
