import type { Condition } from '../dicom/query.ts';

/** Attributes of studies whose index finds one value. */
const byValue = new Set([
  '0020000D', // StudyInstanceUID
  '00100020', // PatientID
  '00100030', // PatientBirthDate
  '00080020', // StudyDate
  '00080050', // AccessionNumber
  '00080061', // ModalitiesInStudy
  '00200010', // StudyID
]);

/** Attributes of studies whose index finds parts of a text. */
const byPart = new Set([
  '00100010', // PatientName
  '00080090', // ReferringPhysicianName
  '00080050', // AccessionNumber
  '00100020', // PatientID
  '00081030', // StudyDescription
]);

/** Characters in a row that an index of trigrams needs. */
const shortestPart = 3;

/** Whether an index of `studies` finds the rows that meet a condition, so that it need not be asked of each row. */
export function indexAnswers(condition: Condition): boolean {
  switch (condition.kind) {
    case 'any':
      return condition.of.every(indexAnswers);
    case 'single':
      if (condition.vr === 'PN') return isByPart(condition.path, [condition.value]);
      return isOne(condition.path, byValue);
    case 'uid-list':
      return isOne(condition.path, byValue);
    case 'wildcard':
      return isByPart(condition.path, condition.pattern.split(/[*?]/));
    case 'fuzzy-name':
      return isByPart(condition.path, condition.words);
    case 'range':
      return condition.path.length === 1 && condition.path[0] === '00080020';
    case 'combined-range':
      return condition.datePath[0] === '00080020';
    case 'empty':
    case 'sequence':
      return false;
  }
}

function isOne([tag, inner]: readonly string[], tags: ReadonlySet<string>): boolean {
  return tag !== undefined && inner === undefined && tags.has(tag);
}

function isByPart(path: readonly string[], parts: readonly string[]): boolean {
  return isOne(path, byPart) && parts.some((part) => Array.from(part).length >= shortestPart);
}
