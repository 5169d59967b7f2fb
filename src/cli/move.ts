import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import { printRetrieval } from './print-retrieval.ts';
import { createProgress } from './progress.ts';
import { retrieveTarget } from './retrieve-target.ts';
import { aeTitleOption, callOptions, callOptionsUsage, thePeer, withPeer } from './scu-command.ts';

/** `causeway move PEER --to TITLE`: C-MOVE. */
export const moveCommand: Command = {
  about: 'have a peer send a study, a series or an instance to somebody else (C-MOVE)',
  usage: `Usage: causeway move [options] PEER --to TITLE -k StudyInstanceUID=… [-k SeriesInstanceUID=… [-k SOPInstanceUID=…]]

PEER is AETITLE@host:port, or the AE title of a known peer. TITLE is an AE title that the peer knows.

Options
  -k, --key KEY     what to send
  -t, --to TITLE    where to
${callOptionsUsage}

Exit code 0 if all of it was sent, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...callOptions,
        key: { type: 'string', short: 'k', multiple: true },
        to: { type: 'string', short: 't' },
      },
    });
    const target = retrieveTarget(values.key ?? []);
    const to = aeTitleOption('to', values.to);
    if (to === undefined) throw new UsageError('Say where to: --to TITLE.');
    const progress = createProgress(context.terminal, 'instances');
    return withPeer(thePeer(positionals), context, values, async ({ scu, peer, log }) => {
      try {
        const result = await scu.move(
          peer,
          target,
          to,
          {
            signal: context.signal,
            onProgress({ completed, failed, warning, remaining }) {
              const done = completed + failed + warning;
              progress.update(done, remaining === undefined ? undefined : done + remaining, `${failed} failed`);
            },
          },
          log,
        );
        progress.stop();
        return printRetrieval(context.terminal, result, values.json);
      } finally {
        progress.stop();
      }
    });
  },
};
