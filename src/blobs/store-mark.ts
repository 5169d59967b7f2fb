import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import { writeWholeFile } from '../kernel/write-whole-file.ts';

/** What is known outside of a store of which one it is. */
export interface StoreIdentity {
  /** Undefined where nobody has said so yet. */
  known(): Promise<string | undefined>;
  /** Whether this is what the first who asked said. */
  agree(id: string): Promise<boolean>;
}

/** No key of a blob. */
const markName = '.causeway-store';

/**
 * Makes sure that a folder is the store that it was before: of a share that is not mounted the folder remains, and what is
 * stored into that is hidden when the share is back. A store without a mark gets one, if none is known either.
 * @throws CausewayError `unavailable` if it is another folder, with what to do
 */
export async function ensureMark(root: string, identity: StoreIdentity): Promise<void> {
  const path = join(root, markName);
  const known = await identity.known();
  const found = await readMark(path);
  if (known !== undefined && found !== known) throw isAnother(path, known, found);
  const id = found ?? (await makeMark(path));
  if (!isUuid.test(id)) throw saysNothing(path);
  if (!(await identity.agree(id))) throw isAnother(path, (await identity.known()) ?? '', id);
}

const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function readMark(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** Of two processes that make one at the same time, the first wins. */
async function makeMark(path: string): Promise<string> {
  const id = randomUUID();
  try {
    await writeWholeFile(path, () => [Buffer.from(`${id}\n`)]);
    return id;
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown;
    return (await readMark(path)) ?? id;
  }
}

/** Such as one that a crash, or a disk that was full, has left when it was copied. Every folder would agree with it. */
function saysNothing(path: string): CausewayError {
  return new CausewayError(
    'unavailable',
    `${path} does not say which stored files these are: it is empty or damaged. If this is the right folder, remove that file.`,
  );
}

function isAnother(path: string, known: string, found: string | undefined): CausewayError {
  const why = found === undefined ? 'there is no such file' : found === '' ? 'it is empty' : `it says ${found}`;
  return new CausewayError(
    'unavailable',
    `The stored files are elsewhere: ${path} would have to say ${known}, and ${why}. Mount the disk or share that belongs there. ` +
      'If this is the right folder all the same, as for files that were brought back without it, write that line into it.',
  );
}
