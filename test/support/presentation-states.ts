import { type BuiltElement, buildPart10, element, inTagOrder, pixelElements, sequence } from './dicom-builder.ts';

/** The three UIDs of an instance. */
export interface Uids {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

/** A CT image of 12 bits: a ramp with stripes, 60 columns, 40 rows. */
export function rampImage(uids: Uids, more: readonly BuiltElement[] = [], photometric = 'MONOCHROME2'): Buffer {
  const [rows, columns] = [40, 60];
  const words = Uint16Array.from({ length: rows * columns }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return (row * 101 + column * 37 + (column % 7 === 0 ? 500 : 0)) % 4096;
  });
  const pixels = pixelElements({
    rows,
    columns,
    photometricInterpretation: photometric,
    pixelData: new Uint8Array(words.buffer),
  });
  return buildPart10({
    elements: replaced(
      [
        element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
        element('00080060', 'CS', 'CT'),
        ...identity(uids),
        ...pixels,
      ],
      [element('00280101', 'US', [12]), element('00280102', 'US', [11]), ...more],
    ),
  });
}

/** A Grayscale Softcopy Presentation State of one image that shows it whole, unless more is said. */
export function presentationState(
  uids: Uids,
  image: Uids & { readonly sopClassUid?: string; readonly frames?: string; readonly size?: readonly [number, number] },
  more: readonly BuiltElement[] = [],
  sopClassUid = '1.2.840.10008.5.1.4.1.1.11.1',
): Buffer {
  const { sopClassUid: imageClass = '1.2.840.10008.5.1.4.1.1.2', frames, size = [60, 40] } = image;
  const reference = [
    element('00081150', 'UI', imageClass),
    element('00081155', 'UI', image.instance),
    ...(frames === undefined ? [] : [element('00081160', 'IS', frames)]),
  ];
  const plain = [
    element('00080016', 'UI', sopClassUid),
    element('00080060', 'CS', 'PR'),
    ...identity(uids),
    element('00200011', 'IS', '1'),
    element('00200013', 'IS', '1'),
    sequence('00081115', [[sequence('00081140', [reference]), element('0020000E', 'UI', image.series)]]),
    sequence('0070005A', [displayedArea([1, 1], [...size])]),
    element('00700080', 'CS', 'TEST'),
    element('00700082', 'DA', '20240101'),
    element('00700083', 'TM', '120000'),
    element('20500020', 'CS', 'IDENTITY'),
  ];
  return buildPart10({ elements: replaced(plain, more) });
}

/** An item of Displayed Area Selection Sequence; corners as column, row. */
export function displayedArea(
  topLeft: number[],
  bottomRight: number[],
  more: readonly BuiltElement[] = [],
): BuiltElement[] {
  const plain = [
    element('00700052', 'SL', topLeft),
    element('00700053', 'SL', bottomRight),
    element('00700100', 'CS', 'SCALE TO FIT'),
    element('00700102', 'IS', '1\\1'),
  ];
  return replaced(plain, more);
}

/** An item that holds a lookup table. */
export function lookupTable(first: number, bits: number, entries: readonly number[]): BuiltElement[] {
  return [
    element('00283002', 'US', [entries.length, first, bits]),
    element('00283004', 'LO', 'US'),
    element('00283006', 'US', entries),
  ];
}

/** An overlay plane whose bits are given by a function; the first column and row are 1. */
export function overlayPlane(
  group: string,
  [columns, rows]: readonly [number, number],
  isSet: (column: number, row: number) => boolean,
  origin = [1, 1],
): BuiltElement[] {
  const bits = Buffer.alloc(2 * Math.ceil((rows * columns) / 16));
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++) {
      const bit = (row - 1) * columns + column - 1;
      if (isSet(column, row)) bits[bit >> 3] = (bits[bit >> 3] as number) | (1 << (bit & 7));
    }
  }
  return [
    element(`${group}0010`, 'US', [rows]),
    element(`${group}0011`, 'US', [columns]),
    element(`${group}0040`, 'CS', 'G'),
    element(`${group}0050`, 'SS', origin),
    element(`${group}0100`, 'US', [1]),
    element(`${group}0102`, 'US', [0]),
    element(`${group}3000`, 'OW', bits),
  ];
}

function identity({ study, series, instance }: Uids): BuiltElement[] {
  return [
    element('00080018', 'UI', instance),
    element('00100010', 'PN', 'Doe^John'),
    element('00100020', 'LO', 'ID1'),
    element('0020000D', 'UI', study),
    element('0020000E', 'UI', series),
  ];
}

function replaced(plain: readonly BuiltElement[], more: readonly BuiltElement[]): BuiltElement[] {
  const tags = new Set(more.map(({ tag }) => tag));
  return inTagOrder([...plain.filter(({ tag }) => !tags.has(tag)), ...more]);
}
