import type { Readable } from 'node:stream';

/** A file that might be DICOM, on disk or in an archive. */
export interface FoundFile {
  /** For people: a path, or `archive.zip: path in it`. */
  readonly name: string;
  /** True if the user or a DICOMDIR named it, so that it should be DICOM. */
  readonly named: boolean;
  open(): Promise<Readable>;
}

/** Takes what a search for files comes upon. */
export interface FileVisitor {
  /** Resolves when the next file may come; `open` may be called until `settled` resolves. */
  file(found: FoundFile): Promise<void>;
  /** Something that was asked for cannot be read. */
  problem(name: string, reason: string): void;
  /** Resolves when no file that was handed over is in use any more. */
  settled(): Promise<void>;
  /** True if there is no point in finding more. */
  stopped(): boolean;
}

/** What an archive may make us read. Each is told by its name when it is exceeded. */
export interface ArchiveLimits {
  /** Entries of one archive. */
  readonly maxArchiveEntries: number;
  /** Bytes of all entries of one archive, unpacked. */
  readonly maxArchiveBytes: number;
  /** Bytes of one entry, unpacked. */
  readonly maxInstanceBytes: number;
}
