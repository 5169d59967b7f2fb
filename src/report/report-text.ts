import type { DicomJson } from '../dicom/json-model.ts';
import { contentEvents } from './content-items.ts';
import { itemValue, type ValuePiece } from './item-value.ts';
import { reportHead } from './report-head.ts';

const noLinks = () => undefined;

/**
 * An SR document as plain text (PS3.18 §8.7.4), line by line; items are numbered as references name them.
 * @throws CausewayError as `contentEvents`
 */
export function* reportText(dataSet: DicomJson): Generator<string, void, void> {
  for (const { label, value } of reportHead(dataSet, noLinks)) yield `${label}: ${words(value)}\n`;
  yield '\n';
  for (const { kind, item } of contentEvents(dataSet)) {
    if (kind === 'end') continue;
    const { position, depth, relationship, name, kindName, observed } = item;
    const value = words(itemValue(item, noLinks));
    const how = relationship === '' ? '' : `${relationship}: `;
    const what = [name?.meaning || kindName, value].filter(Boolean).join(' = ');
    const when = observed === '' ? '' : ` (observed ${observed})`;
    const indent = '  '.repeat(depth - 1);
    yield `${indent}${position} ${how}${what.replace(/\r\n?|\n/g, `\n${indent}  `)}${when}\n`;
  }
}

function words(pieces: readonly ValuePiece[]): string {
  return pieces.map((piece) => (piece.kind === 'item' ? `see ${piece.position}` : piece.text)).join(' ');
}
