import { parseArgs } from 'node:util';
import { committedOf, uncommittedOf } from '../library/uncommitted-instances.ts';
import { collectFiles } from './collect-files.ts';
import { type Command, UsageError } from './command.ts';
import { complainUncommitted } from './complain-uncommitted.ts';
import { reportPort, reportPortUsage } from './report-port.ts';
import { callOptions, callOptionsUsage, withPeer } from './scu-command.ts';
import { secondsOf } from './seconds-of.ts';
import { counted } from './terminal.ts';

/** `causeway commit PEER PATH…`: storage commitment. */
export const commitCommand: Command = {
  about: 'ask a peer whether it commits to instances that it was sent (storage commitment)',
  usage: `Usage: causeway commit [options] PEER PATH…

PEER is AETITLE@host:port, or the AE title of a known peer. A PATH is a DICOM file, or a folder with all
that is in it: what the peer is asked about. The report is waited for over the association that asks for it, and,
with --listen, over one that the peer opens.

Options
${reportPortUsage}
      --timeout S   seconds to wait for the report (60)
${callOptionsUsage}

Exit code 0 if the peer commits to everything, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...callOptions, listen: { type: 'string' }, timeout: { type: 'string' } },
    });
    const [name, ...paths] = positionals;
    if (paths.length === 0) throw new UsageError('Name the peer, and at least one file or folder.');
    const timeoutMs = 1000 * secondsOf(values.timeout);
    const listenPort = reportPort(values.listen);
    const { terminal, signal } = context;
    return withPeer(name, context, { ...values, listenPort, endsAtOnce: true }, async ({ scu, peer, log }) => {
      const { instances, incomplete } = await collectFiles(paths, terminal, signal);
      if (instances.length === 0 || signal.aborted) return 1;
      const report = await scu.commit(peer, instances, { timeoutMs }, log);
      const committed = committedOf(instances, report).length;
      const uncommitted = uncommittedOf(instances, report);
      if (values.json) terminal.print(JSON.stringify({ committed, notCommitted: uncommitted }));
      else terminal.print(`${counted(committed, 'instance')} committed, ${uncommitted.length} not`);
      complainUncommitted(terminal, uncommitted);
      return uncommitted.length === 0 && !incomplete ? 0 : 1;
    });
  },
};
