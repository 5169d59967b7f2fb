/** A file of a folder that was dropped, with its way from there. */
export interface FoundFile {
  readonly file: File;
  readonly path: string;
}

/** What cannot be read: a file that is gone or not ours to read, or the rest of a folder. */
export interface UnreadableEntry {
  readonly file?: never;
  readonly path: string;
}

/** All files that were dropped, those of folders too, as they are found. What cannot be read is told, and the rest found. */
export async function* droppedFiles(
  entries: readonly (FileSystemEntry | File)[],
): AsyncGenerator<FoundFile | UnreadableEntry> {
  const left = [...entries].reverse();
  for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
    if (entry instanceof File) {
      yield { file: entry, path: entry.webkitRelativePath || entry.name };
      continue;
    }
    const path = entry.fullPath.replace(/^\//, '');
    if (entry.isFile) {
      const file = await orNothing(fileOf(entry as FileSystemFileEntry));
      yield file === undefined ? { path } : { file, path };
    } else if (entry.isDirectory) {
      const { found, isWhole } = await entriesOf(entry as FileSystemDirectoryEntry);
      left.push(...found.reverse());
      if (!isWhole) yield { path: `${path}/` };
    }
  }
}

/** Those before the first that cannot be read: a reader does not go on behind it. */
async function entriesOf(folder: FileSystemDirectoryEntry) {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  // A reader gives a hundred at a time, and none at the end.
  for (;;) {
    const some = await orNothing(read(reader));
    if (some === undefined || some.length === 0) return { found, isWhole: some !== undefined };
    found.push(...some);
  }
}

async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(() => undefined);
}

/** Has to be called while the event is handled: what is dropped is gone afterwards. */
export function droppedEntries({ items, files }: DataTransfer): (FileSystemEntry | File)[] {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? []);
  return entries.length > 0 ? entries : [...files];
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function read(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
