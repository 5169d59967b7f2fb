import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Real files lie beside the repository; tests use them when they are there. */
const shared = resolve(import.meta.dirname, '../../../shared');

export const sharedDicomDir = join(shared, 'dicom');
export const sharedSeriesDir = join(shared, 'series');
export const hasSharedFiles = existsSync(join(sharedDicomDir, 'MANIFEST.tsv'));

/** A row of the manifest of real files. */
export interface SharedFile {
  /** Relative to `shared/dicom`. */
  readonly name: string;
  readonly path: string;
  readonly transferSyntaxUid: string;
  readonly sopClassName: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** Shares its SOP Instance UID with another file of the set. */
  readonly duplicate: boolean;
  /** Carries the four UIDs without which nothing can be stored. */
  readonly storable: boolean;
}

export function sharedFiles(): SharedFile[] {
  if (!hasSharedFiles) return [];
  const [header, ...lines] = readFileSync(join(sharedDicomDir, 'MANIFEST.tsv'), 'utf8').trimEnd().split('\n');
  const names = header!.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    const cell = (name: string) => cells[names.indexOf(name)] ?? '';
    const uids = [cell('study'), cell('series'), cell('uid'), cell('sopname')];
    return {
      name: cell('file'),
      path: join(sharedDicomDir, cell('file')),
      transferSyntaxUid: cell('ts'),
      sopClassName: cell('sopname'),
      studyInstanceUid: cell('study'),
      seriesInstanceUid: cell('series'),
      sopInstanceUid: cell('uid'),
      duplicate: cell('dup_uid') === 'Y',
      storable: uids.every((uid) => uid !== '') && cell('sopname') !== 'Media Storage Directory Storage',
    };
  });
}

/** All files below `shared/series/<name>`. */
export function sharedSeries(name: string): string[] {
  const dir = join(sharedSeriesDir, name);
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((entry) => join(dir, entry))
    .filter((path) => statSync(path).isFile())
    .sort();
}

export interface MalformedFile {
  readonly name: string;
  readonly path: string;
  readonly expect: 'accept' | 'reject' | 'either';
  readonly why: string;
}

/** `synth/malformed` with what a server should do about each file. */
export function malformedFiles(): MalformedFile[] {
  if (!hasSharedFiles) return [];
  const dir = join(sharedDicomDir, 'synth/malformed');
  const expected: Record<string, { expect: string; why: string }> = JSON.parse(
    readFileSync(join(dir, 'expected.json'), 'utf8'),
  );
  return Object.entries(expected).map(([name, { expect, why }]) => ({
    name,
    path: join(dir, `${name}.dcm`),
    expect: expect === 'accept' || expect === 'reject' ? expect : 'either',
    why,
  }));
}
