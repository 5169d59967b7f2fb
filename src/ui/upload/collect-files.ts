/** A file of a folder that was dropped, with its way from there. */
export interface FoundFile {
  readonly file: File;
  readonly path: string;
}

/** All files that were dropped, those of folders too, as they are found. */
export async function* droppedFiles(entries: readonly (FileSystemEntry | File)[]): AsyncGenerator<FoundFile> {
  const left = [...entries].reverse();
  for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
    if (entry instanceof File) {
      yield { file: entry, path: entry.webkitRelativePath || entry.name };
    } else if (entry.isFile) {
      yield { file: await fileOf(entry as FileSystemFileEntry), path: entry.fullPath.replace(/^\//, '') };
    } else if (entry.isDirectory) {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      // A reader gives a hundred at a time, and none at the end.
      for (let some = await read(reader); some.length > 0; some = await read(reader)) left.push(...some.reverse());
    }
  }
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
