import type { Readable } from 'node:stream';

/**
 * The stream, whose failure is no `error` event that ends the process. A blob that turns out not to be there only after
 * its reader gave up, or before it began, has nobody listening; whoever reads on learns of it all the same.
 */
export function survivingItsReader(stream: Readable): Readable {
  return stream.on('error', () => {});
}
