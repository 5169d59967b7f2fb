import { saysNotStored } from '../../dicom/not-stored.ts';
import type { CommandSet } from './command-set.ts';
import { isWarning, status } from './status.ts';

/** Whether a C-STORE response says that the instance is stored, be it with a warning. PS3.4 table B.2-1 */
export function isStored({ status: code = status.processingFailure, errorComment }: CommandSet): boolean {
  return code === status.success || (isWarning(code) && !saysNotStored(code, errorComment));
}
