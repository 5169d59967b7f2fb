import { wholeNumber } from '../format.ts';
import { files, images } from './counted.ts';

/** Of uploads. */
export const uploadStrings = {
  title: 'Upload',
  dropArea: 'Files to upload',
  drop: 'Drop folders, DICOM files or zips here',
  about: 'Files are sent as they are and read while they are sent; they go on while you look at other pages.',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose a folder',
  progress: 'Progress',
  progressOf: (path: string) => `Progress of ${path}`,
  busy: (ended: number, total: number) => `${wholeNumber(ended)} of ${files(total)}`,
  ended: (
    total: number,
    stored: number,
    others: Readonly<Record<'partly' | 'kept' | 'cancelled' | 'refused', number>>,
  ) =>
    [
      `${files(total)}: ${wholeNumber(stored)} stored`,
      ...(others.partly === 0 ? [] : [`${wholeNumber(others.partly)} stored in part`]),
      ...(others.kept === 0 ? [] : [`${wholeNumber(others.kept)} not stored`]),
      ...(others.cancelled === 0 ? [] : [`${wholeNumber(others.cancelled)} cancelled`]),
      ...(others.refused === 0 ? [] : [`${wholeNumber(others.refused)} refused`]),
    ].join(', '),
  bytes: (sent: string, total: string) => `${sent} of ${total} sent`,
  clear: 'Clear the list',
  again: (count: string) => `Send again (${count})`,
  which: 'Which files are shown',
  all: (count: string) => `All (${count})`,
  notable: (count: string) => `With remarks (${count})`,
  files: 'Files',
  file: 'File',
  open: 'Show it',
  states: {
    waiting: 'Waiting',
    sending: 'Sending',
    stored: 'Stored',
    warned: 'Stored, with remarks',
    partly: 'Stored in part',
    kept: 'Not stored',
    cancelled: 'Cancelled',
    refused: 'Refused',
  },
  notSent: 'Not sent.',
  givenUp: 'It may have been stored all the same.',
  unreadable: 'The file cannot be read.',
  noWord: 'The answer of the server does not say what became of it.',
  noReason: 'No reason was given.',
  ofZip: (stored: number, kept: number, refused: number) =>
    [
      `${images(stored)} stored`,
      ...(kept === 0 ? [] : [`${wholeNumber(kept)} not stored`]),
      ...(refused === 0 ? [] : [`${wholeNumber(refused)} refused`]),
    ].join(', '),
  moreReasons: (count: number) => `And ${count} more.`,
} as const;
