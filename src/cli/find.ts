import { parseArgs } from 'node:util';
import type { DicomJson, DicomJsonElement } from '../dicom/json-model.ts';
import { valueText } from '../dicom/json-writer.ts';
import type { AttributePath } from '../dicom/query.ts';
import { type Command, UsageError } from './command.ts';
import { identifierOf, parseKeys } from './query-keys.ts';
import { callOptions, callOptionsUsage, withPeer } from './scu-command.ts';
import { printTable } from './table.ts';

const levels = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'];

/** Of a level where no keys are given: what tells one match from another. */
const usualKeys: Readonly<Record<string, readonly string[]>> = {
  PATIENT: ['PatientID', 'PatientName', 'PatientBirthDate', 'PatientSex'],
  STUDY: ['PatientID', 'PatientName', 'StudyDate', 'ModalitiesInStudy', 'StudyDescription', 'StudyInstanceUID'],
  SERIES: ['Modality', 'SeriesNumber', 'SeriesDescription', 'StudyInstanceUID', 'SeriesInstanceUID'],
  IMAGE: ['InstanceNumber', 'SOPClassUID', 'StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID'],
};

/** `causeway find PEER`: C-FIND. */
export const findCommand: Command = {
  about: 'search what a peer has (C-FIND)',
  usage: `Usage: causeway find [options] PEER [-k KEY[=VALUE]]…

PEER is AETITLE@host:port, or the AE title of a peer that the settings name. A KEY is a keyword or a tag:
-k PatientName='DOE*' -k 0008,0020=20240101-20241231 -k StudyDescription. The usual ones of the level are asked for as well.

Options
  -k, --key KEY     what to match, or, without a value, to tell
  -l, --level LEVEL patient, study (unless given), series or image
      --limit N     stop after so many matches
${callOptionsUsage}

Exit code 0 if the peer answers, with matches or without, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...callOptions,
        key: { type: 'string', short: 'k', multiple: true },
        level: { type: 'string', short: 'l' },
        limit: { type: 'string' },
      },
    });
    const level = (values.level ?? 'study').toUpperCase();
    if (!levels.includes(level)) throw new UsageError(`--level must be one of: ${levels.join(', ').toLowerCase()}.`);
    const limit = limitOf(values.limit);
    const given = parseKeys(values.key ?? []);
    const asked = parseKeys(usualKeys[level] ?? []).filter(
      ({ path }) => !given.some((key) => key.path.join('.') === path.join('.')),
    );
    const keys = [...given, ...asked];

    return withPeer(positionals[0], context, values, async ({ scu, peer, log }) => {
      const found: DicomJson[] = [];
      let complete = true;
      for await (const match of scu.find(peer, identifierOf(keys, level), log)) {
        found.push(match.identifier);
        complete &&= match.complete;
        if (found.length === limit || context.signal.aborted) break;
      }
      if (values.json) context.terminal.print(JSON.stringify(found, undefined, 2));
      else {
        const rows = found.map((match) => keys.map(({ path }) => textAt(match, path)));
        printTable(
          context.terminal,
          keys.map(({ name }) => name),
          rows,
        );
      }
      if (!complete) context.terminal.complain('The peer did not look at every key.');
      return context.signal.aborted ? 1 : 0;
    });
  },
};

function limitOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1.');
  return limit;
}

function textAt(dataSet: DicomJson, [tag, ...rest]: AttributePath): string {
  const element: DicomJsonElement | undefined = dataSet[tag];
  const [next, ...deeper] = rest;
  if (next === undefined) return (element?.Value ?? []).map(valueText).join('\\');
  return (element?.Value ?? []).map((item) => textAt((item ?? {}) as DicomJson, [next, ...deeper])).join('\\');
}
