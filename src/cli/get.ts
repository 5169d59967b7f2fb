import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import { silentLog } from '../kernel/log.ts';
import { ingestInto } from '../library/incoming-instance.ts';
import { storeIn } from '../library/store-in.ts';
import type { Command } from './command.ts';
import { printRetrieval } from './print-retrieval.ts';
import { createProgress } from './progress.ts';
import { retrieveTarget } from './retrieve-target.ts';
import { callOptions, callOptionsUsage, thePeer, withPeer } from './scu-command.ts';
import { printable } from './terminal.ts';

/** `causeway get PEER`: C-GET into a folder. */
export const getCommand: Command = {
  about: 'have a peer send a study, a series or an instance into a folder (C-GET)',
  usage: `Usage: causeway get [options] PEER -k StudyInstanceUID=… [-k SeriesInstanceUID=… [-k SOPInstanceUID=…]]

PEER is AETITLE@host:port, or the AE title of a known peer. Files are named after the SOP Instance UID.

Options
  -k, --key KEY     what to retrieve
  -o, --output DIR  folder to write to, made where it is missing (the current one)
${callOptionsUsage}

Exit code 0 if all of it came, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...callOptions,
        key: { type: 'string', short: 'k', multiple: true },
        output: { type: 'string', short: 'o' },
      },
    });
    const target = retrieveTarget(values.key ?? []);
    const folder = resolve(context.workingDir, values.output ?? '.');
    const progress = createProgress(context.terminal, 'instances');
    let received = 0;
    let total: number | undefined;
    const counted = storeIn(folder, () => {
      received += 1;
      progress.update(received, total, 'received');
    });
    const refusals = new Set<string>();
    const ingest = ingestInto(async (instance) => {
      try {
        await counted(instance);
      } catch (thrown) {
        // The peer only hears that it failed: what is wrong is on this side.
        const reason = thrown instanceof CausewayError ? thrown.message : writingFailure(thrown, folder);
        if (!refusals.has(reason)) context.terminal.complain(reason);
        refusals.add(reason);
        throw thrown;
      }
    }, silentLog);
    return withPeer(thePeer(positionals), context, { ...values, ingest }, async ({ scu, peer, log }) => {
      try {
        const result = await scu.get(
          peer,
          target,
          {
            signal: context.signal,
            onProgress({ completed, failed, warning, remaining }) {
              total = completed + failed + warning + (remaining ?? 0);
            },
          },
          log,
        );
        progress.stop();
        return printRetrieval(context.terminal, result, values.json, received);
      } finally {
        progress.stop();
      }
    });
  },
};

function writingFailure(thrown: unknown, folder: string): string {
  const why = errnoOf(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
  return `Nothing can be written to ${printable(folder)} (${why}): name another folder with --output.`;
}
