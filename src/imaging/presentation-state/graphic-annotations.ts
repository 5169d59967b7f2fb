import type { DicomJson } from '../../dicom/json-model.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { itemsOf, numbersOf, stringOf } from '../attribute-values.ts';
import { defaultLayer, type GraphicLayer } from './graphic-layers.ts';
import type { Ink } from './ink.ts';
import { type ImageFrame, itemsFor } from './referenced-images.ts';

/** `pixel`: of the image, 0\0 is its outer corner; `display`: of the displayed area as it is seen, from 0\0 to 1\1. */
export type Units = 'pixel' | 'display';
export type Point = readonly [x: number, y: number];

/** Something to draw over a picture (PS3.3 §C.10.5). */
export type Graphic = { readonly ink: Ink } & (
  | {
      readonly kind: 'shape';
      readonly shape: 'point' | 'polyline' | 'interpolated' | 'circle' | 'ellipse';
      readonly units: Units;
      readonly points: readonly Point[];
      readonly filled: boolean;
    }
  | {
      readonly kind: 'text';
      readonly lines: readonly string[];
      readonly box:
        | {
            readonly units: Units;
            readonly corners: readonly [Point, Point];
            readonly justification: 'start' | 'middle' | 'end';
          }
        | undefined;
      readonly anchor: { readonly units: Units; readonly point: Point; readonly visible: boolean } | undefined;
    }
);

/** Points and characters of all graphics of one picture. */
const maxPoints = 50_000;
const maxCharacters = 20_000;

/**
 * The graphics of a frame, those of the lowest layer first. Compound graphics are left to the plain ones that stand beside them.
 * @throws CausewayError `cannot-render` for kinds and units that cannot be drawn, and where there is more than can be
 */
export function describeGraphics(
  state: DicomJson,
  image: ImageFrame,
  layers: ReadonlyMap<string, GraphicLayer>,
): Graphic[] {
  const layered = itemsFor(state, '00700001', image).map((item) => ({
    item,
    layer: layers.get(stringOf(item, '00700002') ?? '') ?? defaultLayer,
  }));
  const graphics = layered
    .sort((a, b) => a.layer.order - b.layer.order)
    .flatMap(({ item, layer: { ink } }) => [
      ...itemsOf(item, '00700009').map((object) => ({ ...shapeOf(object), ink })),
      ...itemsOf(item, '00700008').map((object) => ({ ...textOf(object), ink })),
    ]);
  requireBounds(graphics);
  return graphics;
}

const shapes = {
  POINT: { shape: 'point', points: 1 },
  POLYLINE: { shape: 'polyline', points: 2 },
  INTERPOLATED: { shape: 'interpolated', points: 2 },
  CIRCLE: { shape: 'circle', points: 2 },
  ELLIPSE: { shape: 'ellipse', points: 4 },
} as const;

function shapeOf(object: DicomJson) {
  const type = stringOf(object, '00700023') ?? '';
  const found = Object.hasOwn(shapes, type) ? shapes[type as keyof typeof shapes] : undefined;
  const points = pointsOf(object, '00700022');
  if (found === undefined || points.length < found.points) {
    throw cannotDraw('00700023', `A graphic of type ${type} with ${points.length} points`);
  }
  const units = unitsOf(object, '00700005');
  return { kind: 'shape', shape: found.shape, units, points, filled: stringOf(object, '00700024') === 'Y' } as const;
}

const justifications: Readonly<Record<string, 'start' | 'middle' | 'end'>> = { CENTER: 'middle', RIGHT: 'end' };

function textOf(object: DicomJson) {
  const lines = (stringOf(object, '00700006') ?? '').split(/\r\n|\r|\n/);
  const [topLeft] = pointsOf(object, '00700010');
  const [bottomRight] = pointsOf(object, '00700011');
  const [anchorPoint] = pointsOf(object, '00700014');
  const box =
    topLeft === undefined || bottomRight === undefined
      ? undefined
      : ({
          units: unitsOf(object, '00700003'),
          corners: [topLeft, bottomRight],
          justification: justifications[stringOf(object, '00700012') ?? ''] ?? 'start',
        } as const);
  const anchor =
    anchorPoint === undefined
      ? undefined
      : {
          units: unitsOf(object, '00700004'),
          point: anchorPoint,
          visible: stringOf(object, '00700015') === 'Y',
        };
  if (box === undefined && anchor === undefined) throw cannotDraw('00700008', 'A text with neither box nor anchor');
  return { kind: 'text', lines, box, anchor } as const;
}

function pointsOf(object: DicomJson, tag: string): Point[] {
  const numbers = numbersOf(object, tag);
  // A number that is none would shift all that follow.
  if (numbers.length !== (object[tag]?.Value?.length ?? 0))
    throw cannotDraw(tag, 'A graphic with points that are no numbers');
  return Array.from(
    { length: numbers.length >> 1 },
    (_, index): Point => [numbers[2 * index] as number, numbers[2 * index + 1] as number],
  );
}

function unitsOf(object: DicomJson, tag: string): Units {
  const units = stringOf(object, tag);
  if (units === 'PIXEL') return 'pixel';
  if (units === 'DISPLAY') return 'display';
  throw cannotDraw(tag, `A graphic in units of ${units ?? 'nothing'}`);
}

function requireBounds(graphics: readonly Graphic[]): void {
  let points = 0;
  let characters = 0;
  for (const graphic of graphics) {
    if (graphic.kind === 'shape') points += graphic.points.length;
    else characters += graphic.lines.reduce((sum, line) => sum + line.length + 1, 0);
  }
  if (points <= maxPoints && characters <= maxCharacters) return;
  const message = `The graphic annotations have ${points} points and ${characters} characters of text; at most ${maxPoints} and ${maxCharacters} are drawn.`;
  throw new CausewayError('cannot-render', message, { details: { tag: '00700001' } });
}

function cannotDraw(tag: string, what: string): CausewayError {
  return new CausewayError('cannot-render', `${what} cannot be drawn.`, { details: { tag } });
}
