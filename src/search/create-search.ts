import { inflateRawSync } from 'node:zlib';
import { dictionaryEntry } from '../dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement, Vr } from '../dicom/json-model.ts';
import type { AttributePath, Condition, Query } from '../dicom/query.ts';
import type { FoundEntity, SearchIndex } from '../index/search-index.ts';
import { attributesOfMatch, needsMetadata } from './match-attributes.ts';
import type { Search } from './search.ts';

export interface SearchParts {
  readonly index: SearchIndex;
}

/** The one query engine. Keys that no column answers are left out of the search, and said so in a warning. */
export function createSearch({ index }: SearchParts): Search {
  return {
    async find(query) {
      const { conditions, warnings } = searchable(query, index);
      const match = { level: query.level, conditions };
      const { found, remaining } = await index.page(match, query.limit, query.offset, needsMetadata(query));
      return { matches: found.map((entity) => attributesOfMatch(knownOf(entity), query)), remaining, warnings };
    },
  };
}

function searchable(
  { level, conditions }: Query,
  index: SearchIndex,
): { conditions: Condition[]; warnings: readonly string[] } {
  const warnings = new Set<string>();
  const kept = conditions.filter((condition) => {
    const obstacle = index.unsearchable(condition, level);
    if (obstacle === undefined) return true;
    const reason =
      obstacle.why === 'not-indexed'
        ? 'it is not indexed'
        : `it does not belong to the level of this search (${level})`;
    warnings.add(`The key ${keyName(obstacle.path)} was not used: ${reason}.`);
    return false;
  });
  return { conditions: kept, warnings: [...warnings] };
}

function keyName(path: AttributePath): string {
  return path.map((tag) => dictionaryEntry(tag)?.keyword ?? tag).join('.');
}

/** All that the index tells of a match, in the DICOM JSON Model. */
function knownOf({ study, series, instance }: FoundEntity): DicomJson {
  return {
    ...inflated(study.attributes),
    ...(series && inflated(series.attributes)),
    ...(instance?.metadata && inflated(instance.metadata)),
    '00080005': elementOf('CS', 'ISO_IR 192'),
    '00080056': elementOf('CS', 'ONLINE'),
    '00080061': elementOf('CS', ...study.modalities),
    '00080062': elementOf('UI', ...study.sopClassUids),
    '0020000D': elementOf('UI', study.studyInstanceUid),
    '00201206': elementOf('IS', study.series),
    '00201208': elementOf('IS', study.instances),
    ...(series && {
      '0020000E': elementOf('UI', series.seriesInstanceUid),
      '00201209': elementOf('IS', series.instances),
    }),
    ...(instance && {
      '00080016': elementOf('UI', instance.sopClassUid),
      '00080018': elementOf('UI', instance.sopInstanceUid),
      '00083002': elementOf('UI', instance.transferSyntaxUid),
      '00200013': elementOf('IS', instance.instanceNumber),
      '00280008': elementOf('IS', instance.numberOfFrames),
      '00280010': elementOf('US', instance.rows),
      '00280011': elementOf('US', instance.columns),
      '00280100': elementOf('US', instance.bitsAllocated),
    }),
  };
}

function inflated(attributes: Buffer): DicomJson {
  return JSON.parse(inflateRawSync(attributes).toString('utf8')) as DicomJson;
}

function elementOf(vr: Vr, ...values: readonly (string | number | null)[]): DicomJsonElement {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? { vr, Value: known } : { vr };
}
