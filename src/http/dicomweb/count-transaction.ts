import { parseQidoQuery } from '../../dicom/qido-query.ts';
import type { QueryLevel } from '../../dicom/query.ts';
import type { Search } from '../../search/search.ts';
import { negotiate } from '../accept.ts';
import { appendWarnings, type Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';

type Count = components['schemas']['Count'];

/** How many QIDO-RS would find, by the same keys; paging and attributes to include have no meaning here. */
export function countTransaction(search: Search, level: QueryLevel): Operation {
  return async ({ accept, query: parameters, response, baseUrl, pathParameters }) => {
    negotiate(accept, [{ type: 'application/json', packaging: 'single' }]);
    const { query } = parseQidoQuery({
      level,
      studyInstanceUid: pathParameters['study'],
      seriesInstanceUid: pathParameters['series'],
      parameters: [...parameters],
      vrs: await search.extendedVrs(),
    });
    const { count, warnings } = await search.count(query);
    appendWarnings({ response, baseUrl }, warnings);
    response.json({ count } satisfies Count);
  };
}
