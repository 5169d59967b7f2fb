import type { BulkUpdate } from '../../ingest/bulk-update.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Operation } from '../exchange.ts';
import { sendOperationReference } from './operations.ts';
import { readJson } from './read-json.ts';

/** Patient and study attributes of stored studies are corrected, in the interface of the Azure dicom-server. */
export function startBulkUpdate(updates: BulkUpdate): Operation {
  return async (exchange) => {
    const { studyInstanceUids, change } = asked(await readJson(exchange.request));
    const id = await updates.start(studyInstanceUids, change);
    exchange.log.info('a bulk update was asked for', { operation: id, studies: studyInstanceUids.length });
    sendOperationReference(exchange, id);
  };
}

/** Names of members in any case. */
function asked(body: unknown): { studyInstanceUids: string[]; change: unknown } {
  const members = new Map(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).map(([name, value]) => [
      name.toLowerCase(),
      value as unknown,
    ]),
  );
  const uids = members.get('studyinstanceuids');
  if (!Array.isArray(uids) || !uids.every((uid) => typeof uid === 'string')) {
    throw refused('studyInstanceUids is no list of UIDs.', 'studyInstanceUids');
  }
  const change = members.get('changedataset');
  if (change === undefined) throw refused('The body has no changeDataset.', 'changeDataset');
  return { studyInstanceUids: uids, change };
}

function refused(message: string, parameter: string): CausewayError {
  return new CausewayError('bad-request', message, { details: { parameter } });
}
