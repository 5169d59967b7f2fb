import type { FileInstance } from '../../src/dimse/file-instances.ts';
import { contentOf } from '../../src/library/file-content.ts';
import { sendingParts } from '../../src/library/sending-parts.ts';

/** Sends files of a disk, and converts nothing. */
export const filesAsTheyAre = {
  ...sendingParts<FileInstance>({ contentOf: ({ blobKey }) => contentOf(blobKey), converter: undefined }),
};
