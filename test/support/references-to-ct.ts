import { type BuiltElement, buildPart10, element, inTagOrder, sequence } from './dicom-builder.ts';
import {
  decimalsOf,
  frameOfReferenceUidOf,
  seriesInstanceUidOf,
  sopInstanceUidOf,
  studyInstanceUidOf,
} from './explicit-values.ts';

/** What has to be known of a CT slice to refer to it; all slices are of one series. */
export interface Slice {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  readonly frameOfReference: string;
  readonly rows: number;
  readonly columns: number;
  readonly spacing: readonly [number, number];
  /** Of the middle of the first pixel, in mm. */
  readonly position: readonly [number, number, number];
  /** Along a row, then along a column. */
  readonly orientation: readonly number[];
}

/** @param file of 512 by 512 pixels */
export function sliceOf(file: Buffer): Slice {
  const [x = 0, y = 0, z = 0] = decimalsOf(file, [0x20, 0, 0x32, 0]);
  const [between = 0, along = 0] = decimalsOf(file, [0x28, 0, 0x30, 0]);
  return {
    study: studyInstanceUidOf(file),
    series: seriesInstanceUidOf(file),
    instance: sopInstanceUidOf(file),
    frameOfReference: frameOfReferenceUidOf(file),
    rows: 512,
    columns: 512,
    spacing: [between, along],
    position: [x, y, z],
    orientation: decimalsOf(file, [0x20, 0, 0x37, 0]),
  };
}

/** Columns and rows from the first to the last, from 0. */
export interface Box {
  readonly columns: readonly [number, number];
  readonly rows: readonly [number, number];
}

const ctImageStorage = '1.2.840.10008.5.1.4.1.1.2';

const numbers = (values: readonly number[]) => values.join('\\');

function common(slice: Slice, sopClass: string, modality: string, uid: string): BuiltElement[] {
  return [
    element('00080016', 'UI', sopClass),
    element('00080018', 'UI', `${uid}.1`),
    element('00080020', 'DA', '20150101'),
    element('00080060', 'CS', modality),
    element('0008103E', 'LO', `${modality} of the test`),
    element('00100010', 'PN', 'HEAD'),
    element('00100020', 'LO', 'PLASTIC'),
    element('0020000D', 'UI', slice.study),
    element('0020000E', 'UI', uid),
    element('00200011', 'IS', '900'),
    element('00200013', 'IS', '1'),
  ];
}

function reference(slice: Slice): BuiltElement[] {
  return [element('00081150', 'UI', ctImageStorage), element('00081155', 'UI', slice.instance)];
}

function code(value: string, meaning: string): BuiltElement[] {
  return [element('00080100', 'SH', value), element('00080102', 'SH', 'SCT'), element('00080104', 'LO', meaning)];
}

/**
 * A binary Segmentation of segments that are the same box on each of the slices.
 * @see PS3.3 §A.51
 */
export function segmentation(
  slices: readonly Slice[],
  segments: readonly (Box & { readonly label: string })[],
): Buffer {
  const [first] = slices as [Slice, ...Slice[]];
  const { rows, columns } = first;
  const frames = segments.flatMap((segment, at) =>
    slices.map((slice, index) => ({ segment, slice, index, number: at + 1 })),
  );
  const bits = Buffer.alloc((frames.length * rows * columns) / 8);
  frames.forEach(({ segment }, frame) => {
    for (let row = segment.rows[0]; row <= segment.rows[1]; row++) {
      for (let column = segment.columns[0]; column <= segment.columns[1]; column++) {
        const bit = (frame * rows + row) * columns + column;
        bits[bit >> 3] = (bits[bit >> 3] as number) | (1 << (bit & 7));
      }
    }
  });
  const tissue = code('85756007', 'Tissue');
  return buildPart10({
    elements: inTagOrder([
      ...common(first, '1.2.840.10008.5.1.4.1.1.66.4', 'SEG', '1.2.826.0.1.3680043.10.998.13.1'),
      element('00080008', 'CS', 'DERIVED\\PRIMARY'),
      element('00080070', 'LO', 'Causeway'),
      sequence('00081115', [[sequence('0008114A', slices.map(reference)), element('0020000E', 'UI', first.series)]]),
      element('00200052', 'UI', first.frameOfReference),
      element('00280002', 'US', [1]),
      element('00280004', 'CS', 'MONOCHROME2'),
      element('00280008', 'IS', String(frames.length)),
      element('00280010', 'US', [rows]),
      element('00280011', 'US', [columns]),
      element('00280100', 'US', [1]),
      element('00280101', 'US', [1]),
      element('00280102', 'US', [0]),
      element('00280103', 'US', [0]),
      element('00282110', 'CS', '00'),
      element('00620001', 'CS', 'BINARY'),
      sequence(
        '00620002',
        segments.map(({ label }, at) => [
          sequence('00620003', [tissue]),
          element('00620004', 'US', [at + 1]),
          element('00620005', 'LO', label),
          element('00620008', 'CS', 'MANUAL'),
          sequence('0062000F', [tissue]),
        ]),
      ),
      element('00700080', 'CS', 'SEGMENTATION'),
      sequence('52009229', [
        [
          sequence('00209116', [[element('00200037', 'DS', numbers(first.orientation))]]),
          sequence('00289110', [[element('00180050', 'DS', '2.5'), element('00280030', 'DS', numbers(first.spacing))]]),
        ],
      ]),
      sequence(
        '52009230',
        frames.map(({ slice, index, number }) => [
          sequence('00089124', [[sequence('00082112', [reference(slice)])]]),
          sequence('00209111', [[element('00209157', 'UL', [number, index + 1])]]),
          sequence('00209113', [[element('00200032', 'DS', numbers(slice.position))]]),
          sequence('0062000A', [[element('0062000B', 'US', [number])]]),
        ]),
      ),
      element('7FE00010', 'OB', bits),
    ]),
  });
}

/**
 * An RT Structure Set of regions that are the same box on each of the slices.
 * @see PS3.3 §A.19
 */
export function structureSet(slices: readonly Slice[], regions: readonly (Box & { readonly name: string })[]): Buffer {
  const [first] = slices as [Slice, ...Slice[]];
  return buildPart10({
    elements: inTagOrder([
      ...common(first, '1.2.840.10008.5.1.4.1.1.481.3', 'RTSTRUCT', '1.2.826.0.1.3680043.10.998.13.2'),
      element('00200052', 'UI', first.frameOfReference),
      element('30060002', 'SH', 'Test'),
      sequence('30060010', [
        [
          element('00200052', 'UI', first.frameOfReference),
          sequence('30060012', [
            [
              element('00081150', 'UI', '1.2.840.10008.3.1.2.3.1'),
              element('00081155', 'UI', first.study),
              sequence('30060014', [
                [element('0020000E', 'UI', first.series), sequence('30060016', slices.map(reference))],
              ]),
            ],
          ]),
        ],
      ]),
      sequence(
        '30060020',
        regions.map(({ name }, at) => [
          element('30060022', 'IS', String(at + 1)),
          element('30060024', 'UI', first.frameOfReference),
          element('30060026', 'LO', name),
          element('30060036', 'CS', 'MANUAL'),
        ]),
      ),
      sequence(
        '30060039',
        regions.map((region, at) => [
          element('3006002A', 'IS', at === 0 ? '255\\0\\0' : '0\\255\\0'),
          sequence(
            '30060040',
            slices.map((slice) => [
              sequence('30060016', [reference(slice)]),
              element('30060042', 'CS', 'CLOSED_PLANAR'),
              element('30060046', 'IS', '4'),
              element('30060050', 'DS', numbers(corners(slice, region))),
            ]),
          ),
          element('30060084', 'IS', String(at + 1)),
        ]),
      ),
      sequence(
        '30060080',
        regions.map((_, at) => [
          element('30060082', 'IS', String(at + 1)),
          element('30060084', 'IS', String(at + 1)),
          element('300600A4', 'CS', 'ORGAN'),
          element('300600A6', 'PN', ''),
        ]),
      ),
    ]),
  });
}

/** Of a box on a slice, in mm (PS3.3 Equation C.7.6.2.1-1), to the 16 characters of DS. */
function corners({ position, orientation, spacing }: Slice, { columns, rows }: Box): number[] {
  const at = (column: number, row: number) =>
    position.map((origin, axis) => {
      const along = (orientation[axis] as number) * spacing[1] * column;
      const down = (orientation[axis + 3] as number) * spacing[0] * row;
      return Number((origin + along + down).toFixed(6));
    });
  return [
    ...at(columns[0], rows[0]),
    ...at(columns[1], rows[0]),
    ...at(columns[1], rows[1]),
    ...at(columns[0], rows[1]),
  ];
}
