import { parseArgs } from 'node:util';
import { nameOfPath } from '../dicom/query-attribute.ts';
import { scheduledProcedureStepSequence } from '../dicom/worklist-item.ts';
import type { Command } from './command.ts';
import { printMatches } from './print-matches.ts';
import { identifierOf, parseKeys, type WrittenKey } from './query-keys.ts';
import { callOptions, callOptionsUsage, thePeer, withPeer } from './scu-command.ts';
import { wholeNumber } from './whole-number.ts';

/** What is asked for besides the keys that are given, and over which columns it stands. */
const usualColumns: Readonly<Record<string, string>> = {
  PatientName: 'Patient name',
  PatientID: 'Patient ID',
  AccessionNumber: 'Accession number',
  ScheduledProcedureStepStartDate: 'Date',
  ScheduledProcedureStepStartTime: 'Time',
  Modality: 'Modality',
  ScheduledStationAETitle: 'Station AE',
  ScheduledProcedureStepDescription: 'Description',
};

/** What a Scheduled Procedure Step Sequence holds: people name it without the sequence. PS3.4 table K.6-1 */
const stepKeywords: ReadonlySet<string> = new Set([
  'Modality',
  'RequestedContrastAgent',
  'ScheduledStationAETitle',
  'ScheduledProcedureStepStartDate',
  'ScheduledProcedureStepStartTime',
  'ScheduledProcedureStepEndDate',
  'ScheduledProcedureStepEndTime',
  'ScheduledPerformingPhysicianName',
  'ScheduledPerformingPhysicianIdentificationSequence',
  'ScheduledProcedureStepDescription',
  'ScheduledProtocolCodeSequence',
  'ScheduledProcedureStepID',
  'ScheduledStationName',
  'ScheduledProcedureStepLocation',
  'PreMedication',
  'ScheduledProcedureStepStatus',
  'CommentsOnTheScheduledProcedureStep',
]);

/** `causeway worklist PEER`: C-FIND of the modality worklist. */
export const worklistCommand: Command = {
  about: 'ask a worklist for scheduled procedure steps (C-FIND)',
  usage: `Usage: causeway worklist [options] PEER [-k KEY[=VALUE]]…

PEER is AETITLE@host:port, or the AE title of a known peer. A KEY is a keyword or a tag; those of the scheduled
procedure step go without their sequence: -k ScheduledStationAETitle=CT1 -k Modality=CT
-k ScheduledProcedureStepStartDate=20261130. Patient, accession number, date, time, modality, station and description of
the step are asked for as well.

Options
  -k, --key KEY     what to match, or, without a value, to tell
      --limit N     stop after so many matches
${callOptionsUsage}

Exit code 0 if the worklist answers, with matches or without, else 1.`,
  async run(args, context) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...callOptions,
        key: { type: 'string', short: 'k', multiple: true },
        limit: { type: 'string' },
      },
    });
    const limit = wholeNumber({ limit: values.limit }, 'limit', Number.POSITIVE_INFINITY);
    const given = parseKeys(values.key ?? []).map(inStep);
    const usual = parseKeys(Object.keys(usualColumns)).map(inStep);
    const isUsual = (key: WrittenKey) => usual.some(({ path }) => path.join() === key.path.join());
    const isGiven = (key: WrittenKey) => given.some(({ path }) => path.join() === key.path.join());
    const columns = [...usual, ...given.filter((key) => !isUsual(key))].map(({ path, name }) => ({
      heading: usualColumns[nameOfPath(path.slice(-1) as [string])] ?? name,
      path,
    }));
    const identifier = identifierOf([...given, ...usual.filter((key) => !isGiven(key))]);
    return withPeer(thePeer(positionals), context, { ...values, endsAtOnce: true }, async ({ scu, peer, log }) =>
      printMatches(scu.findWorklist(peer, identifier, log), { columns, limit, json: values.json }, context),
    );
  },
};

function inStep(key: WrittenKey): WrittenKey {
  const isOfStep = stepKeywords.has(nameOfPath([key.path[0]]));
  return isOfStep ? { ...key, path: [scheduledProcedureStepSequence, ...key.path] } : key;
}
