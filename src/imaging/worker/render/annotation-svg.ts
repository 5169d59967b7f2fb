import { CausewayError } from '../../../kernel/errors.ts';
import type { Annotation } from '../../annotation.ts';
import { white } from '../../presentation-state/ink.ts';
import { leading, linesSvg } from './graphics-svg.ts';

/** Pixels: smaller letters cannot be read. */
const smallestLetters = 9;
/** Letters that a line has to have room for. */
const fewestLetters = 8;

/**
 * An annotation as SVG of the size of the picture: the patient at the top, the technique at the bottom, to the left of both.
 * Letters grow with the picture; lines that are too long end in an ellipsis, and the least important that there is no room for
 * are left out.
 * @throws CausewayError `cannot-render` if the picture is too small for text
 */
export function annotationSvg(
  { patient, technique }: Annotation,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const size = Math.min(Math.max(Math.round(Math.min(width, height) / 32), smallestLetters), 64);
  const margin = Math.round(size / 2);
  const blocks = patient.length > 0 && technique.length > 0 ? 2 : 1;
  const room = Math.floor((height - 2 * margin) / blocks / (leading * size));
  if (room < 1 || width - 2 * margin < fewestLetters * usualWidth * size) throw tooSmall(width, height);
  const roomFor = (lines: readonly string[]) =>
    lines.slice(0, room).map((line) => fitted(line, (width - 2 * margin) / size));
  const style = { size, justification: 'start', ink: white };
  const above = roomFor(patient);
  const below = roomFor(technique);
  const parts = [
    ...backdrop(above, margin, size, width),
    linesSvg(above, [margin, margin], style),
    ...backdrop(below, height - margin - leading * size * below.length, size, width),
    linesSvg(below, [margin, height - margin - leading * size * below.length], style),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`;
}

/** Dims what lies behind the lines: a rim alone is lost on bone and on bright skin. */
function backdrop(lines: readonly string[], top: number, size: number, width: number): string[] {
  if (lines.length === 0) return [];
  const longest = Math.max(...lines.map((line) => Array.from(line).reduce((sum, one) => sum + widthOf(one), 0)));
  const [wide, high] = [
    Math.min(width, Math.ceil((longest + 1) * size)),
    Math.ceil((leading * lines.length + 0.5) * size),
  ];
  return [
    `<rect x="0" y="${Math.floor(top - size / 4)}" width="${wide}" height="${high}" fill="black" fill-opacity="0.45"/>`,
  ];
}

/** Of a letter for its size, a little more than fonts have. */
const usualWidth = 0.66;

function widthOf(character: string): number {
  if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{So}\uff00-\uff60MW@%mw]/u.test(character)) return 1.05;
  if (/\p{Lu}/u.test(character)) return 0.85;
  return /[il1.,:;'|! ]/.test(character) ? 0.45 : usualWidth;
}

/** @param room in sizes of a letter */
function fitted(line: string, room: number): string {
  let used = 0;
  const characters = Array.from(line);
  for (const [at, character] of characters.entries()) {
    used += widthOf(character);
    const rest = at === characters.length - 1 ? 0 : 1;
    if (used + rest > room) return `${characters.slice(0, at).join('').trimEnd()}…`;
  }
  return line;
}

function tooSmall(width: number, height: number): CausewayError {
  const message = `A picture of ${width} × ${height} pixels is too small for text: ask for a larger one, with a viewport.`;
  return new CausewayError('cannot-render', message, { details: { parameter: 'annotation' } });
}
