import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { hashPasscode } from '../kernel/passcode.ts';
import { type Command, UsageError } from './command.ts';

const usage = `Usage: causeway passcode NAME < FILE

Reads a passcode, one line of standard input, and prints what is kept of it for a user of that name: put it into
dimseUsers (CAUSEWAY_DIMSE_USERS). The passcode cannot be had back from it.`;

/** `causeway passcode`: a user for the user identity negotiation of DIMSE. */
export const passcodeCommand: Command = {
  about: 'make a user of dimseUsers from a name and a passcode',
  usage,
  async run([name, ...others], { terminal }) {
    if (name === undefined || others.length > 0) throw new UsageError('One name is wanted.');
    if (/[=,]/.test(name) || name.trim() === '' || name.length > 64) {
      throw new UsageError('A name has 1 to 64 characters, and neither = nor a comma.');
    }
    if (terminal.interactive) terminal.complain('Passcode:');
    const passcode = await firstLine(process.stdin);
    if (terminal.interactive) terminal.complain('');
    if (passcode === '') throw new UsageError('The passcode is empty.');
    terminal.print(`${name}=${await hashPasscode(passcode)}`);
    return 0;
  },
};

/** What is typed at a terminal is not shown. */
export async function firstLine(input: Pick<NodeJS.ReadStream, 'isTTY'> & NodeJS.ReadableStream): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface(input.isTTY ? { input, output: nowhere, terminal: true } : { input });
  lines.once('SIGINT', () => lines.close());
  for await (const line of lines) return line;
  return '';
}
