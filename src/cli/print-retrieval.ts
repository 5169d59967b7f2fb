import type { RetrievalResult } from '../dimse/scu/retrieval-request.ts';
import { counted, type Terminal } from './terminal.ts';

/**
 * @param arrived instances that came here, where they were to come here
 * @returns exit code: 0 if there was something and all of it came
 */
export function printRetrieval(
  terminal: Terminal,
  result: RetrievalResult,
  json: boolean | undefined,
  arrived?: number,
): number {
  const { completed, failed, warning, cancelled, failedSopInstanceUids } = result;
  if (json) terminal.print(JSON.stringify({ completed, failed, warning, cancelled, failedSopInstanceUids }));
  else {
    terminal.print(
      `${counted(completed + warning, 'instance')} sent, ${failed} failed${cancelled ? ', cancelled' : ''}`,
    );
    for (const uid of failedSopInstanceUids) terminal.complain(`not sent: ${uid}`);
  }
  if (completed + warning + failed === 0) terminal.complain('The peer has nothing of this.');
  const missing = arrived === undefined ? 0 : completed + warning - arrived;
  if (missing > 0) terminal.complain(`Of these, ${counted(missing, 'instance')} did not arrive.`);
  return failed > 0 || missing > 0 || cancelled || completed + warning === 0 ? 1 : 0;
}
