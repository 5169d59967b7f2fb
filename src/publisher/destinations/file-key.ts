import { CausewayError } from '../../kernel/errors.ts';
import type { OutgoingInstance } from '../destination.ts';

/** Where an instance lies in a folder or bucket: `<study>/<series>/<instance>.dcm`. */
export function fileKey(
  instance: Pick<OutgoingInstance, 'studyInstanceUid' | 'seriesInstanceUid' | 'sopInstanceUid'>,
): string {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = instance;
  for (const uid of [studyInstanceUid, seriesInstanceUid, sopInstanceUid]) {
    // What old devices call a UID may be a name that means something to a file system.
    if (!/^[0-9A-Za-z_-][0-9A-Za-z._-]{0,63}$/.test(uid)) {
      throw new CausewayError('uid-invalid', 'One of its UIDs cannot be the name of a file.');
    }
  }
  return `${studyInstanceUid}/${seriesInstanceUid}/${sopInstanceUid}.dcm`;
}
