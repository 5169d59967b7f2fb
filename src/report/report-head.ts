import type { DicomJson } from '../dicom/json-model.ts';
import type { LinkOf, ValuePiece } from './item-value.ts';
import { itemsOf, textOf } from './report-attributes.ts';

export interface HeadRow {
  readonly label: string;
  readonly value: readonly ValuePiece[];
}

const attributes: readonly (readonly [label: string, ...tags: string[]])[] = [
  ['Patient', '00100010'],
  ['Patient ID', '00100020'],
  ['Birth date', '00100030'],
  ['Sex', '00100040'],
  ['Study', '00081030'],
  ['Study ID', '00200010'],
  ['Study date', '00080020', '00080030'],
  ['Accession number', '00080050'],
  ['Referring physician', '00080090'],
  ['Series', '0008103E'],
  ['Series number', '00200011'],
  ['Institution', '00080080'],
  ['Manufacturer', '00080070', '00081090', '00181000'],
  ['Content date', '00080023', '00080033'],
  ['Preliminary flag', '0040A496'],
  ['Completion flag', '0040A491', '0040A492'],
  ['Verification flag', '0040A493'],
];

const sexes: Readonly<Record<string, string>> = { M: 'male', F: 'female', O: 'other' };

/** Whom and what a document is about, how far it is, and who vouches for it (PS3.3 §C.17.2). */
export function reportHead(dataSet: DicomJson, linkOf: LinkOf): HeadRow[] {
  const rows = attributes.map(([label, ...tags]) => {
    const text = tags
      .map((tag) => textOf(dataSet, tag))
      .filter(Boolean)
      .join(' ');
    return { label, value: [{ kind: 'text', text: label === 'Sex' ? (sexes[text] ?? text) : text } as const] };
  });
  return [...rows, ...verifications(dataSet), ...predecessors(dataSet, linkOf)].filter(
    ({ value: [first] }) => first !== undefined && !(first.kind === 'text' && first.text === ''),
  );
}

function verifications(dataSet: DicomJson): HeadRow[] {
  return itemsOf(dataSet, '0040A073').map((observer) => {
    const text = ['0040A030', '0040A075', '0040A027']
      .map((tag) => textOf(observer, tag))
      .filter(Boolean)
      .join(', ');
    return { label: 'Verified by', value: [{ kind: 'text', text }] };
  });
}

function predecessors(dataSet: DicomJson, linkOf: LinkOf): HeadRow[] {
  return itemsOf(dataSet, '0040A360')
    .flatMap((study) => itemsOf(study, '00081115'))
    .flatMap((series) => itemsOf(series, '00081199'))
    .map((document) => {
      const text = textOf(document, '00081155');
      const url = linkOf(text);
      return {
        label: 'Predecessor',
        value: [url === undefined ? { kind: 'text', text } : { kind: 'link', text, url }],
      };
    });
}
