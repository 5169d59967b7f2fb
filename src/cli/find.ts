import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import { printMatches } from './print-matches.ts';
import { identifierOf, parseKeys } from './query-keys.ts';
import { callOptions, callOptionsUsage, thePeer, withPeer } from './scu-command.ts';
import { wholeNumber } from './whole-number.ts';

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

PEER is AETITLE@host:port, or the AE title of a known peer. A KEY is a keyword or a tag:
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
    const limit = wholeNumber({ limit: values.limit }, 'limit', Number.POSITIVE_INFINITY);
    const given = parseKeys(values.key ?? []);
    const asked = parseKeys(usualKeys[level] ?? []).filter(
      ({ path }) => !given.some((key) => key.path.join('.') === path.join('.')),
    );
    const keys = [...given, ...asked];

    const columns = keys.map(({ name, path }) => ({ heading: name, path }));
    return withPeer(thePeer(positionals), context, { ...values, endsAtOnce: true }, async ({ scu, peer, log }) =>
      printMatches(scu.find(peer, identifierOf(keys, level), log), { columns, limit, json: values.json }, context),
    );
  },
};
