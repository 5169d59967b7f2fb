import type { PersonNameValue } from '../../src/dicom/json-model.ts';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import { type BuiltElement, buildPart10, element, inTagOrder, sequence } from './dicom-builder.ts';

/** Rows and columns of the box that the segment fills, first and one past the last, in each slice. */
export const segmentedBox = { top: 200, bottom: 300, left: 180, right: 320 } as const;

const segmentationStorage = '1.2.840.10008.5.1.4.1.1.66.4';

const code = (tag: string, value: string, scheme: string, meaning: string) =>
  sequence(tag, [
    [element('00080100', 'SH', value), element('00080102', 'SH', scheme), element('00080104', 'LO', meaning)],
  ]);

/**
 * A binary segmentation (PS3.3 A.51) of CT slices with one segment, the same box in all of them.
 * @param slices Part 10 files of one series
 */
export function segmentation(slices: readonly Uint8Array[]): Buffer {
  const images = slices.map((slice) => {
    const scanner = createPart10Scanner();
    scanner.push(slice);
    return scanner.end().attributes;
  });
  const text = (tag: string, image = images[0]!) => (image[tag]?.Value ?? []).join('\\');
  const number = (tag: string) => Number(images[0]![tag]?.Value?.[0]);
  const [rows, columns] = [number('00280010'), number('00280011')];
  const reference = (image: (typeof images)[number]) => [
    element('00081150', 'UI', text('00080016', image)),
    element('00081155', 'UI', text('00080018', image)),
  ];
  const pixels = Buffer.alloc((rows * columns * images.length) / 8);
  for (let frame = 0; frame < images.length; frame++) {
    for (let row = segmentedBox.top; row < segmentedBox.bottom; row++) {
      for (let column = segmentedBox.left; column < segmentedBox.right; column++) {
        const bit = (frame * rows + row) * columns + column;
        pixels[bit >> 3]! |= 1 << (bit & 7);
      }
    }
  }
  const perFrame = images.map((image, frame): BuiltElement[] => [
    sequence('00089124', [
      [
        sequence('00082112', [
          [...reference(image), code('0040A170', '121322', 'DCM', 'Source image for image processing operation')],
        ]),
        code('00089215', '113076', 'DCM', 'Segmentation'),
      ],
    ]),
    sequence('00209111', [[element('00209157', 'UL', [1, frame + 1])]]),
    sequence('00209113', [[element('00200032', 'DS', text('00200032', image))]]),
    sequence('0062000A', [[element('0062000B', 'US', [1])]]),
  ]);
  return buildPart10({
    elements: inTagOrder([
      element('00080008', 'CS', 'DERIVED\\PRIMARY'),
      element('00080016', 'UI', segmentationStorage),
      element('00080018', 'UI', '2.25.770003'),
      element('00080020', 'DA', text('00080020')),
      element('00080030', 'TM', text('00080030')),
      element('00080050', 'SH'),
      element('00080060', 'CS', 'SEG'),
      element('00080070', 'LO', 'Causeway'),
      element('00080090', 'PN'),
      element('0008103E', 'LO', 'Boxes'),
      sequence('00081115', [
        [sequence('0008114A', images.map(reference)), element('0020000E', 'UI', text('0020000E'))],
      ]),
      element('00100010', 'PN', (images[0]!['00100010']?.Value?.[0] as PersonNameValue | undefined)?.Alphabetic ?? ''),
      element('00100020', 'LO', text('00100020')),
      element('00100030', 'DA'),
      element('00100040', 'CS'),
      element('0020000D', 'UI', text('0020000D')),
      element('0020000E', 'UI', '2.25.770001'),
      element('00200010', 'SH', text('00200010')),
      element('00200011', 'IS', '77'),
      element('00200013', 'IS', '1'),
      element('00200052', 'UI', text('00200052')),
      sequence('00209221', [[element('00209164', 'UI', '2.25.770002')]]),
      sequence('00209222', [
        [
          element('00209165', 'AT', [0x0062000b]),
          element('00209167', 'AT', [0x0062000a]),
          element('00209164', 'UI', '2.25.770002'),
        ],
        [
          element('00209165', 'AT', [0x00200032]),
          element('00209167', 'AT', [0x00209113]),
          element('00209164', 'UI', '2.25.770002'),
        ],
      ]),
      element('00280002', 'US', [1]),
      element('00280004', 'CS', 'MONOCHROME2'),
      element('00280008', 'IS', String(images.length)),
      element('00280010', 'US', [rows]),
      element('00280011', 'US', [columns]),
      element('00280100', 'US', [1]),
      element('00280101', 'US', [1]),
      element('00280102', 'US', [0]),
      element('00280103', 'US', [0]),
      element('00282110', 'CS', '00'),
      element('00620001', 'CS', 'BINARY'),
      sequence('00620002', [
        [
          code('00620003', '85756007', 'SCT', 'Tissue'),
          element('00620004', 'US', [1]),
          element('00620005', 'LO', 'A box'),
          element('00620008', 'CS', 'MANUAL'),
          element('0062000D', 'US', [34885, 53485, 50171]),
          code('0062000F', '85756007', 'SCT', 'Tissue'),
        ],
      ]),
      element('00700080', 'CS', 'BOXES'),
      element('00700081', 'LO'),
      element('00700084', 'PN'),
      sequence('52009229', [
        [
          sequence('00209116', [[element('00200037', 'DS', text('00200037'))]]),
          sequence('00289110', [
            [element('00180050', 'DS', text('00180050')), element('00280030', 'DS', text('00280030'))],
          ]),
        ],
      ]),
      sequence('52009230', perFrame),
      element('7FE00010', 'OB', pixels),
    ]),
  });
}
