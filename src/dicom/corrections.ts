import { implementationVersionName } from './file-meta.ts';
import type { DicomJson } from './json-model.ts';
import { textValues } from './match-values.ts';

const originalAttributesSequence = '04000561';
const modifyingSystem = '04000563';
/** Whatever the version. */
const ourName = implementationVersionName.replace(/_.*/, '');

/** How often Causeway has corrected the data set, as its Original Attributes Sequence tells. PS3.3 §C.12.1.1.9.2. */
export function correctionsIn(dataSet: DicomJson): number {
  const items = (dataSet[originalAttributesSequence]?.Value ?? []) as readonly (DicomJson | null)[];
  return items.filter((item) => textValues(item?.[modifyingSystem]).some((name) => name.startsWith(ourName))).length;
}
