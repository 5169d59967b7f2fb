import { describe, expect, it } from 'vitest';
import { droppedFiles } from '../../../src/ui/upload/collect-files.ts';

const gone = new DOMException('gone', 'NotFoundError');

function file(name: string, folder = '', isReadable = true) {
  return {
    isFile: true,
    isDirectory: false,
    fullPath: `${folder}/${name}`,
    file: (resolve: (file: File) => void, reject: (why: DOMException) => void) =>
      isReadable ? resolve(new File(['x'], name)) : reject(gone),
  };
}

/** @param readings what its reader gives, one after the other; nothing for what cannot be read */
function folder(path: string, ...readings: (object[] | undefined)[]) {
  const left = [...readings, []];
  return {
    isFile: false,
    isDirectory: true,
    fullPath: path,
    createReader: () => ({
      readEntries: (resolve: (entries: object[]) => void, reject: (why: DOMException) => void) => {
        const next = left.shift();
        if (next === undefined) reject(gone);
        else resolve(next);
      },
    }),
  };
}

async function found(...entries: object[]): Promise<string[]> {
  const seen: string[] = [];
  for await (const { file: one, path } of droppedFiles(entries as FileSystemEntry[])) {
    seen.push(one === undefined ? `${path} unreadable` : path);
  }
  return seen;
}

describe('files that are dropped', () => {
  it('are found in folders of folders, in their order', async () => {
    const inner = folder('/a/b', [file('2', '/a/b')], [file('3', '/a/b')]);
    expect(await found(folder('/a', [file('1', '/a'), inner]), file('4'))).toEqual(['a/1', 'a/b/2', 'a/b/3', '4']);
  });

  it('are all found where one cannot be read, which is told', async () => {
    const whole = folder('/a', [file('1', '/a'), file('2', '/a', false), file('3', '/a')]);
    expect(await found(whole, file('4'))).toEqual(['a/1', 'a/2 unreadable', 'a/3', '4']);
  });

  it('are found as far as a folder can be read, and that it cannot be further is told', async () => {
    const half = folder('/a/b', [file('1', '/a/b')], undefined);
    expect(await found(folder('/a', [half, file('2', '/a')]))).toEqual(['a/b/ unreadable', 'a/b/1', 'a/2']);
  });
});
