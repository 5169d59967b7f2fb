import { parseArgs } from 'node:util';
import type { FileInstance } from '../dimse/file-instances.ts';
import { asCausewayError, type CausewayError } from '../kernel/errors.ts';
import { collectFiles } from './collect-files.ts';
import { type Command, UsageError } from './command.ts';
import { complainUncommitted, uncommittedOf } from './complain-uncommitted.ts';
import { createProgress } from './progress.ts';
import { callOptions, callOptionsUsage, withPeer } from './scu-command.ts';
import { secondsOf } from './seconds-of.ts';
import { counted, printable } from './terminal.ts';

/** `causeway send PEER PATH…`: C-STORE. */
export const sendCommand: Command = {
  about: 'send files and folders to a peer (C-STORE)',
  usage: `Usage: causeway send [options] PEER PATH…

PEER is AETITLE@host:port, or the AE title of a peer that the settings name. A PATH is a DICOM file, or a folder with all
that is in it. Files are sent as they are.

Options
      --commit      ask the peer to commit to what it was sent, and wait for its report
      --timeout S   seconds to wait for the report (60)
${callOptionsUsage}

Exit code 0 if the peer has taken everything, and committed to it where that was asked for, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...callOptions, commit: { type: 'boolean' }, timeout: { type: 'string' } },
    });
    const [name, ...paths] = positionals;
    if (paths.length === 0) throw new UsageError('Name the peer, and at least one file or folder.');
    const timeoutMs = 1000 * secondsOf(values.timeout);
    const { terminal, signal } = context;
    return withPeer(name, context, values, async ({ scu, peer, log }) => {
      const { instances, incomplete } = await collectFiles(paths, terminal, signal);
      const progress = createProgress(terminal, 'instances');
      const tally = { sent: 0, warnings: 0, failed: 0 };
      const taken: FileInstance[] = [];
      const walk = async function* () {
        yield* instances;
      };
      try {
        for await (const { instance, outcome, reason } of scu.send(peer, walk, { signal }, log)) {
          if (outcome === 'failed') tally.failed += 1;
          else {
            tally.sent += 1;
            taken.push(instance);
          }
          if (outcome === 'warning') tally.warnings += 1;
          if (reason !== undefined) terminal.complain(`${printable(instance.blobKey)}: ${reason.message}`);
          progress.update(tally.sent + tally.failed, instances.length, `${tally.failed} failed`);
        }
      } finally {
        progress.stop();
      }
      let commitFailure: CausewayError | undefined;
      const asks = values.commit && taken.length > 0;
      const report = asks
        ? await scu.commit(peer, taken, { timeoutMs }, log).catch((thrown: unknown) => {
            commitFailure = asCausewayError(thrown);
            return undefined;
          })
        : undefined;
      const uncommitted = report === undefined ? [] : uncommittedOf(taken, report);
      if (values.json) {
        const commitment =
          report === undefined ? {} : { committed: report.committed.length, notCommitted: uncommitted };
        terminal.print(JSON.stringify({ ...tally, ...commitment }));
      } else {
        terminal.print(
          `${counted(tally.sent, 'instance')} sent, ${tally.warnings} with a warning, ${tally.failed} failed`,
        );
        if (report !== undefined) terminal.print(`${counted(report.committed.length, 'instance')} committed`);
      }
      complainUncommitted(terminal, uncommitted);
      if (commitFailure !== undefined) terminal.complain(`Nothing is known to be committed: ${commitFailure.message}`);
      const committed = commitFailure === undefined && uncommitted.length === 0;
      const all = tally.sent === instances.length && tally.sent > 0 && committed;
      return all && !incomplete ? 0 : 1;
    });
  },
};
