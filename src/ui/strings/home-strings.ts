import { wholeNumber } from '../format.ts';
import { counted, images, studies } from './counted.ts';

/** Of the first page. */
export const homeStrings = {
  title: 'Causeway',
  modality: 'Type this into the modality',
  modalityAbout: 'As the address of a storage server; any calling AE title will do unless it was narrowed.',
  aeTitle: 'AE title',
  address: 'Address',
  orAddress: 'or',
  hostName: 'Host name',
  port: 'Port',
  tlsPort: 'Port for TLS',
  health: 'Health',
  well: 'All is well',
  unwell: 'Something is wrong',
  since: (version: string, time: string) => `Version ${version}, since ${time}`,
  disk: 'Disk',
  free: 'free',
  freeOf: (total: string) => `free of ${total}`,
  diskUsed: 'Part of the disk that is used',
  objectStore: 'Files are in an object store.',
  unknown: 'Unknown',
  diskUnknown: 'How much space is left cannot be found out.',
  totalsUnknown: 'They cannot be counted now.',
  stored: 'Images stored',
  storedIn: (ofStudies: number, series: number) => `in ${studies(ofStudies)}, ${counted(series, 'series', 'series')}`,
  queue: 'Queue',
  waiting: (isOne: boolean) => (isOne ? 'task to be done' : 'tasks to be done'),
  throughput: 'Received in the last hour',
  received: (instances: number, size: string, refused: number) =>
    `${images(instances)}, ${size}${refused === 0 ? '' : `; ${wholeNumber(refused)} refused`}`,
  minute: (time: string, instances: number, refused: number) =>
    `${time}: ${images(instances)}${refused === 0 ? '' : `, ${refused} refused`}`,
  highest: (count: string) => `top line: ${count} a minute`,
  now: 'now',
  feed: {
    title: 'Send a test',
    about: (aeTitle: string) =>
      `Press “Verify” or send an image to ${aeTitle}: what arrives is shown here as it arrives.`,
    listening: 'Listening',
    notListening: 'Not connected',
    nothing: 'Nothing has arrived yet.',
    missed: (count: number) => `${counted(count, 'event', 'events')} came too fast to be shown.`,
    called: (aeTitle: string) => `called ${aeTitle}`,
    open: 'Show it',
    what(kind: string, outcome: string | undefined, door: string | undefined): string {
      switch (kind) {
        case 'echo':
          return 'C-ECHO answered';
        case 'association-accepted':
          return 'Association accepted';
        case 'association-rejected':
          return 'Association refused';
        default:
          return `${door === 'dimse' ? 'C-STORE' : door === 'stow' ? 'STOW-RS' : 'Image'} ${outcome ?? ''}`;
      }
    },
  },
} as const;
