import { parseArgs } from 'node:util';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import { createFileConverter } from '../library/file-converter.ts';
import { committedOf, uncommittedOf } from '../library/uncommitted-instances.ts';
import { collectFiles } from './collect-files.ts';
import { type Command, UsageError } from './command.ts';
import { complainUncommitted } from './complain-uncommitted.ts';
import { reportPort, reportPortUsage } from './report-port.ts';
import { callOptions, callOptionsUsage, untilInterrupted, withPeer } from './scu-command.ts';
import { secondsOf } from './seconds-of.ts';
import { startSending } from './sending.ts';
import { counted } from './terminal.ts';

/** `causeway send PEER PATH…`: C-STORE. */
export const sendCommand: Command = {
  about: 'send files and folders to a peer (C-STORE)',
  usage: `Usage: causeway send [options] PEER PATH…

PEER is AETITLE@host:port, or the AE title of a known peer. A PATH is a DICOM file, or a folder with all
that is in it. Files are sent as they are, or, where the peer takes nothing else, converted without loss.

Options
      --no-convert  do not convert: what the peer does not take as it is fails
      --commit      ask the peer to commit to what it was sent, and wait for its report
${reportPortUsage}
      --timeout S   seconds to wait for the report (60)
${callOptionsUsage}

Exit code 0 if the peer has taken everything, and committed to it where that was asked for, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...callOptions,
        commit: { type: 'boolean' },
        'no-convert': { type: 'boolean' },
        listen: { type: 'string' },
        timeout: { type: 'string' },
      },
    });
    const [name, ...paths] = positionals;
    if (paths.length === 0) throw new UsageError('Name the peer, and at least one file or folder.');
    const timeoutMs = 1000 * secondsOf(values.timeout);
    const listenPort = reportPort(values.listen);
    if (listenPort !== undefined && !values.commit) throw new UsageError('--listen goes with --commit.');
    const { terminal, signal } = context;
    return withPeer(name, context, { ...values, listenPort }, async ({ scu, peer, transferSyntaxUids, log }) => {
      const { instances, incomplete } = await collectFiles(paths, terminal, signal);
      if (instances.length === 0) return 1;
      const converter = values['no-convert'] ? undefined : createFileConverter(log);
      const sending = startSending(instances, converter, terminal);
      const options = { signal, unreachableThrows: true, transferSyntaxUids: converter ? transferSyntaxUids : [] };
      let failure: CausewayError | undefined;
      try {
        await sending.take(scu.sendFiles(peer, sending.walk, sending.parts, options, log));
      } catch (thrown) {
        // What was sent before is told of all the same.
        if (!(thrown instanceof CausewayError)) throw thrown;
        failure = thrown;
      } finally {
        sending.stop();
        await converter?.close();
      }
      let commitFailure: CausewayError | undefined;
      const { tally, taken, convertedTo } = sending;
      if (failure !== undefined && tally.sent + tally.failed === 0) throw failure;
      const untried = instances.length - tally.sent - tally.failed;
      const asks = values.commit && taken.length > 0 && !signal.aborted && failure === undefined;
      const report = asks
        ? await untilInterrupted(scu.commit(peer, taken, { timeoutMs, signal }, log), signal).catch(
            (thrown: unknown) => {
              commitFailure = asCausewayError(thrown);
              return undefined;
            },
          )
        : undefined;
      const committed = report && committedOf(taken, report).length;
      const uncommitted = report === undefined ? [] : uncommittedOf(taken, report);
      if (values.json) {
        const commitment = committed === undefined ? {} : { committed, notCommitted: uncommitted };
        terminal.print(
          JSON.stringify({ ...tally, untried, converted: Object.fromEntries(convertedTo), ...commitment }),
        );
      } else {
        terminal.print(
          `${counted(tally.sent, 'instance')} sent, ${tally.warnings} with a warning, ${tally.failed} failed`,
        );
        for (const [uid, count] of convertedTo) {
          terminal.print(`${counted(count, 'instance')} converted to ${transferSyntax(uid)?.name ?? uid}`);
        }
        if (committed !== undefined) terminal.print(`${counted(committed, 'instance')} committed`);
      }
      if (untried > 0) {
        const why = signal.aborted ? 'Interrupted' : (failure?.message.replace(/\.$/, '') ?? 'The peer has gone');
        terminal.complain(`${why}: ${counted(untried, 'instance was', 'instances were')} not tried. Send them again.`);
      }
      complainUncommitted(terminal, uncommitted);
      if (commitFailure !== undefined) terminal.complain(`Nothing is known to be committed: ${commitFailure.message}`);
      if (values.commit && taken.length > 0 && !asks) {
        terminal.complain('Storage commitment was not asked for: nothing is known to be committed.');
      }
      const isCommitted = !values.commit || (report !== undefined && uncommitted.length === 0);
      const all = tally.sent === instances.length && tally.sent > 0 && isCommitted;
      return all && !incomplete ? 0 : 1;
    });
  },
};
