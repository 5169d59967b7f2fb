import { dictionaryEntry } from '../../dicom/dictionary.ts';
import { storageSopClasses } from '../../dicom/storage-sop-classes.ts';
import { transferSyntaxes } from '../../dicom/transfer-syntaxes.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { ExtendedQueryTags } from '../../search/extended-query-tags.ts';
import { type SearchKey, searchKeys } from '../../search/search-keys.ts';
import { negotiate, type Offer } from '../accept.ts';
import type { DicomwebLimits } from '../dicomweb/dicomweb-operations.ts';
import type { Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { type ApiDocument, producedBy } from './api-document.ts';

type Conformance = components['schemas']['Conformance'];

export interface ConformanceParts {
  readonly api: ApiDocument;
  readonly retrieve: Pick<Retrieve, 'producible'>;
  readonly extendedQueryTags: Pick<ExtendedQueryTags, 'all'>;
  readonly limits: DicomwebLimits;
  /** SOP classes that are kept besides those of the Standard. */
  readonly privateSopClassUids?: readonly string[];
}

const json: Offer = { type: 'application/json', packaging: 'single' };

/** What a conformance statement says of this server as it is set up now, from the tables that its code goes by. */
export function retrieveConformance(parts: ConformanceParts): Operation {
  const { api, retrieve, extendedQueryTags, limits, privateSopClassUids = [] } = parts;
  const standing = {
    sopClasses: [
      ...storageSopClasses.map(({ uid, name, retired }) => ({ uid, name, retired })),
      ...privateSopClassUids.map((uid) => ({ uid })),
    ],
    transferSyntaxes: transferSyntaxes.map(({ uid, name, lossy, retired }) => ({
      uid,
      name,
      lossy,
      retired,
      producible: [...retrieve.producible({ transferSyntaxUid: uid })],
    })),
    services: api.tags.map(({ name, description }) => {
      const operations = api.operations.filter(({ tag }) => tag === name);
      return {
        name,
        ...(description !== undefined && { description }),
        consumes: [...new Set(operations.flatMap(({ consumes }) => consumes))],
        produces: [...new Set(operations.flatMap(producedBy))],
      };
    }),
    limits: { ...limits },
  };
  return async ({ response, accept }) => {
    negotiate(accept, [json]);
    const extended = await extendedQueryTags.all();
    const keysOf = (level: SearchKey['level']) => [
      ...searchKeys.filter((key) => key.level === level).map(({ level: _, ...key }) => key),
      ...extended.filter((tag) => tag.level === level).map(({ path, vr }) => extendedKey(path, vr)),
    ];
    response.json({
      ...standing,
      searchKeys: {
        patient: keysOf('patient'),
        study: keysOf('study'),
        series: keysOf('series'),
        instance: keysOf('instance'),
      },
    } satisfies Conformance);
  };
}

function extendedKey(tag: string, vr: string) {
  const keyword = dictionaryEntry(tag)?.keyword;
  return { tag, ...(keyword !== undefined && { keyword }), vr };
}
