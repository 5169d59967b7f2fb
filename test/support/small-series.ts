import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPart10, element, inTagOrder, pixelElements } from './dicom-builder.ts';
import { dataSetOf } from './dimse-server.ts';

/** A series of small CT images, as files of a folder. */
export interface SmallSeries {
  readonly study: string;
  /** SOP Instance UID. @param number from 1 */
  uidOf(number: number): string;
  /** Part 10 bytes. */
  slice(number: number): Buffer;
  /** Writes `1.dcm` and on, and beside them a file that is no DICOM. */
  writeTo(folder: string): void;
  /** Of the data sets, sorted, as `dataSetHashesIn` tells them. */
  readonly dataSetHashes: readonly string[];
}

export function smallSeries(study: string, slices: number, patientId: string): SmallSeries {
  const uidOf = (number: number) => `${study}.1.${number}`;
  const slice = (number: number) =>
    buildPart10({
      elements: inTagOrder([
        element('00080005', 'CS', 'ISO_IR 192'),
        element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
        element('00080018', 'UI', uidOf(number)),
        element('00080020', 'DA', '20240301'),
        element('00080030', 'TM', '101112'),
        element('00080060', 'CS', 'CT'),
        element('00081030', 'LO', 'Schädel nativ'),
        element('00100010', 'PN', 'Müller^Jörg'),
        element('00100020', 'LO', patientId),
        element('0020000D', 'UI', study),
        element('0020000E', 'UI', `${study}.1`),
        element('00200010', 'SH', 'S1'),
        element('00200011', 'IS', '1'),
        element('00200013', 'IS', String(number)),
        ...pixelElements({ rows: 8, columns: 8, pixelData: Buffer.alloc(128, number) }),
      ]),
    });
  const numbers = Array.from({ length: slices }, (_, at) => at + 1);
  return {
    study,
    uidOf,
    slice,
    writeTo(folder) {
      mkdirSync(folder, { recursive: true });
      for (const number of numbers) writeFileSync(join(folder, `${number}.dcm`), slice(number));
      writeFileSync(join(folder, 'notes.txt'), 'no image');
    },
    dataSetHashes: numbers.map((number) => dataSetHash(slice(number))).sort(),
  };
}

/** @param file Part 10 bytes */
export function dataSetHash(file: Buffer): string {
  return createHash('sha256').update(dataSetOf(file)).digest('hex');
}

/** Of the data sets of the files in a folder, sorted. */
export function dataSetHashesIn(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => dataSetHash(readFileSync(join(folder, name))))
    .sort();
}
