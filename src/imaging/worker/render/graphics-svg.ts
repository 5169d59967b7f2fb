import type { Graphic, Point, Units } from '../../presentation-state/graphic-annotations.ts';
import type { Ink } from '../../presentation-state/ink.ts';

/** Where graphics come to lie in the finished picture. */
export interface GraphicsView {
  readonly width: number;
  readonly height: number;
  place(units: Units, point: Point): Point;
}

/**
 * Graphics as SVG of the size of the picture. Text stands upright, whichever way the image was turned. A thin rim of the opposite brightness
 * lets them be seen on what has their own: white letters on bone would be lost.
 */
export function graphicsSvg(graphics: readonly Graphic[], view: GraphicsView): string {
  const { width, height } = view;
  const line = Math.max(1, Math.round(Math.min(width, height) / 400));
  const drawn = graphics.map((graphic) =>
    graphic.kind === 'shape' ? shapeSvg(graphic, view, line) : textSvg(graphic, view, line),
  );
  const style = `fill="none" stroke-width="${line}" stroke-linejoin="round"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g ${style}>${drawn.join('')}</g></svg>`;
}

type Shape = Graphic & { kind: 'shape' };
type Text = Graphic & { kind: 'text' };

function shapeSvg({ shape, units, points, filled, ink }: Shape, view: GraphicsView, line: number): string {
  const colour = colourOf(ink);
  if (shape === 'point') return dot(view.place(units, points[0] as Point), ink, line);
  const outline = outlineOf(shape, points).map((point) => view.place(units, point));
  const closed = shape === 'circle' || shape === 'ellipse' || filled;
  const tag = closed ? 'polygon' : 'polyline';
  const fill = filled ? ` fill="${colour}"` : '';
  const drawn = `<${tag} points="${outline.map(coordinates).join(' ')}"`;
  return `${drawn} stroke="${rimOf(ink)}" stroke-opacity="0.6" stroke-width="${3 * line}"/>${drawn} stroke="${colour}"${fill}/>`;
}

/** A point has no size: it is drawn so that it can be seen. */
function dot([x, y]: Point, ink: Ink, line: number): string {
  const at = `<circle cx="${rounded(x)}" cy="${rounded(y)}"`;
  return `${at} r="${2.5 * line}" fill="${rimOf(ink)}" fill-opacity="0.6"/>${at} r="${1.5 * line}" fill="${colourOf(ink)}"/>`;
}

function outlineOf(shape: Exclude<Shape['shape'], 'point'>, points: readonly Point[]): readonly Point[] {
  const [first, second, third, fourth] = points as [Point, Point, Point, Point];
  switch (shape) {
    case 'polyline':
      return points;
    case 'interpolated':
      return interpolated(points);
    case 'circle': {
      // The center, and a point of the perimeter.
      const [x, y] = [second[0] - first[0], second[1] - first[1]];
      return ellipse(first, [x, y], [-y, x]);
    }
    case 'ellipse': {
      // The ends of the major axis, and those of the minor.
      const center: Point = [(first[0] + second[0]) / 2, (first[1] + second[1]) / 2];
      return ellipse(center, [second[0] - center[0], second[1] - center[1]], halfOf(third, fourth));
    }
  }
}

function halfOf([x1, y1]: Point, [x2, y2]: Point): Point {
  return [(x2 - x1) / 2, (y2 - y1) / 2];
}

const ellipseSteps = 120;

function ellipse(center: Point, axis: Point, other: Point): Point[] {
  return Array.from({ length: ellipseSteps }, (_, step) => {
    const angle = (2 * Math.PI * step) / ellipseSteps;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return [center[0] + axis[0] * cos + other[0] * sin, center[1] + axis[1] * cos + other[1] * sin];
  });
}

const stepsBetweenPoints = 12;

/** A curve through all points (Catmull-Rom): which curve it is is left open (PS3.3 §C.10.5.2). One that ends where it began is smooth there too. */
function interpolated(points: readonly Point[]): Point[] {
  const last = points.length - 1;
  const [start, end] = [points[0] as Point, points[last] as Point];
  const closed = last > 1 && start[0] === end[0] && start[1] === end[1];
  const at = (index: number): Point => {
    if (closed) return points[(index + last) % last] as Point;
    return points[Math.min(Math.max(index, 0), last)] as Point;
  };
  const curve: Point[] = [start];
  for (let index = 0; index < last; index++) {
    const [p0, p1, p2, p3] = [at(index - 1), at(index), at(index + 1), at(index + 2)];
    for (let step = 1; step <= stepsBetweenPoints; step++) {
      const t = step / stepsBetweenPoints;
      const along = (axis: 0 | 1) => {
        const [a, b, c, d] = [p0[axis], p1[axis], p2[axis], p3[axis]];
        return b + (t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))) / 2;
      };
      curve.push([along(0), along(1)]);
    }
  }
  return curve;
}

/** Height of a line of text for the size of its letters. */
export const leading = 1.2;
/** Width of a letter for its size, on average. */
const letterWidth = 0.6;

/** Text fills its box in height, within what can be read; beside an anchor it has a size that goes with the picture. */
function textSvg({ lines, box, anchor, ink }: Text, view: GraphicsView, line: number): string {
  const usual = Math.min(Math.max(Math.round(Math.min(view.width, view.height) / 28), 10), 48);
  const anchored = anchor && view.place(anchor.units, anchor.point);
  const parts: string[] = [];
  if (box !== undefined) {
    const corners = box.corners.map((corner) => view.place(box.units, corner)) as [Point, Point];
    const [left, right] = ordered(corners[0][0], corners[1][0]);
    const [top, bottom] = ordered(corners[0][1], corners[1][1]);
    const size = Math.min(Math.max((bottom - top) / (leading * lines.length), 8), 2 * usual);
    const x = { start: left, middle: (left + right) / 2, end: right }[box.justification];
    parts.push(linesSvg(lines, [x, top], { size, justification: box.justification, ink }));
    if (anchor?.visible && anchored) {
      const near: Point = [
        Math.min(Math.max(anchored[0], left), right),
        Math.min(Math.max(anchored[1], top), top + leading * size * lines.length),
      ];
      const leader = {
        kind: 'shape',
        shape: 'polyline',
        units: 'pixel',
        points: [anchored, near],
        filled: false,
        ink,
      } as const;
      parts.push(shapeSvg(leader, { ...view, place: (_, point) => point }, line));
    }
  } else if (anchored) {
    const width = letterWidth * usual * Math.max(...lines.map((one) => one.length));
    const leftwards = anchored[0] + width > view.width && anchored[0] - width >= 0;
    const beside = anchored[0] + (leftwards ? -4 : 4) * line;
    const justification = leftwards ? 'end' : 'start';
    parts.push(linesSvg(lines, [beside, anchored[1] - (leading * usual) / 2], { size: usual, justification, ink }));
    if (anchor?.visible) parts.push(dot(anchored, ink, line));
  }
  return parts.join('');
}

/** Lines of text from `top` downwards, with a rim. */
export function linesSvg(
  lines: readonly string[],
  [x, top]: Point,
  style: { readonly size: number; readonly justification: string; readonly ink: Ink },
): string {
  const { size, justification, ink } = style;
  const spans = lines.map((one, index) => {
    // The letters stand in the middle of their line.
    const baseline = top + leading * size * index + size;
    return `<text x="${rounded(x)}" y="${rounded(baseline)}" xml:space="preserve">${escaped(one)}</text>`;
  });
  const font = `font-family="sans-serif" font-size="${rounded(size)}" text-anchor="${justification}"`;
  const text = spans.join('');
  const rim = `stroke="${rimOf(ink)}" stroke-opacity="0.6" stroke-width="${rounded(size / 6)}"`;
  return `<g ${font}><g ${rim}>${text}</g><g fill="${colourOf(ink)}">${text}</g></g>`;
}

/** Without what XML cannot hold: control characters and halves of surrogate pairs. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' ')
    .replace(/[&<>]/g, (character) => entities[character] as string);
}

function ordered(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}

function colourOf([red, green, blue]: Ink): string {
  return `rgb(${red},${green},${blue})`;
}

function rimOf([red, green, blue]: Ink): string {
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? 'white' : 'black';
}

function coordinates([x, y]: Point): string {
  return `${rounded(x)},${rounded(y)}`;
}

/** SVG knows exponents, but not what is beyond single precision. */
function rounded(value: number): number {
  const bounded = Math.min(Math.max(value, -1e6), 1e6);
  return Math.round(100 * bounded) / 100;
}
