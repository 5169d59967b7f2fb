import type { FeedEntry } from '../../changes/change-feed.ts';
import { urlOf } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { withBulkDataUrls } from './bulk-data-uris.ts';

type Change = components['schemas']['Change'];

const actions = { created: 'create', replaced: 'update', erased: 'delete' } as const;

/** A change as JSON text without line breaks, in pieces; its metadata is passed through unparsed. */
export function* changeText({ change, metadata }: FeedEntry, baseUrl: string): Generator<Buffer, void, void> {
  const told: Change = {
    Sequence: change.sequence,
    StudyInstanceUid: change.studyInstanceUid,
    SeriesInstanceUid: change.seriesInstanceUid,
    SopInstanceUid: change.sopInstanceUid,
    Action: actions[change.action],
    Timestamp: change.at.toISOString(),
    State: change.state,
  };
  const text = JSON.stringify(told);
  if (metadata === undefined) {
    yield Buffer.from(text);
    return;
  }
  yield Buffer.from(`${text.slice(0, -1)},"Metadata":`);
  yield* withBulkDataUrls(metadata, `${urlOf(baseUrl, change)}/bulkdata/`);
  yield Buffer.from('}');
}
