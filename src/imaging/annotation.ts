import type { DicomJson, PersonNameValue } from '../dicom/json-model.ts';
import { readableName } from '../dicom/person-name.ts';
import { readableDate, readableTime } from '../dicom/readable-date-time.ts';
import { itemOf, numberOf, numbersOf, stringOf } from './attribute-values.ts';
import type { AnnotationKeyword, EncodedFrame } from './imaging.ts';
import type { VoiTransform } from './presentation.ts';

/** Lines of text to burn in, the most important first; a keyword that was not asked for has none. */
export interface Annotation {
  readonly patient: readonly string[];
  readonly technique: readonly string[];
}

/** Characters of a line; what is longer could not be read anyway. */
const maxLineLength = 120;

/**
 * What is burned in for a keyword of PS3.18 §8.3.5.1.1: `patient` is who it is, `technique` is which image it is and how it
 * was taken and is shown. Which words these are is left to us.
 * @param voi that the picture is shown with
 */
export function describeAnnotation(
  frame: EncodedFrame,
  keywords: readonly AnnotationKeyword[] | undefined,
  voi: VoiTransform,
): Annotation | undefined {
  if (keywords === undefined || keywords.length === 0) return undefined;
  const { attributes } = frame;
  return {
    patient: keywords.includes('patient') ? shown(patientLines(attributes)) : [],
    technique: keywords.includes('technique') ? shown(techniqueLines(frame, voi)) : [],
  };
}

function shown(lines: readonly string[]): string[] {
  return lines.filter((line) => line !== '').map((line) => Array.from(line).slice(0, maxLineLength).join(''));
}

function patientLines(attributes: DicomJson): string[] {
  const name = attributes['00100010']?.Value?.[0];
  const birth = dateOf(attributes, '00100030');
  return [
    typeof name === 'object' && name !== null ? readableName(name as PersonNameValue) : '',
    stringOf(attributes, '00100020') ?? '',
    joined(birth && `* ${birth}`, stringOf(attributes, '00100040'), stringOf(attributes, '00101010')),
    joined(dateOf(attributes, '00080020'), timeOf(attributes, '00080030')),
    joined(stringOf(attributes, '00080050')),
    stringOf(attributes, '00080080') ?? '',
  ];
}

function techniqueLines({ attributes, frameNumber }: EncodedFrame, voi: VoiTransform): string[] {
  const groups = [itemOf(attributes, '52009230', frameNumber - 1), itemOf(attributes, '52009229')];
  const number = (tag: string) => numberOf(holderOf(attributes, groups, tag), tag);
  const measured = (label: string, tag: string, unit: string) => {
    const value = number(tag);
    return value === undefined ? undefined : `${label} ${rounded(value)}${unit}`;
  };
  const frames = numberOf(attributes, '00280008') ?? 1;
  const position = numbersOf(holderOf(attributes, groups, '00200032'), '00200032').map(rounded);
  const [series, image] = [numberOf(attributes, '00200011'), numberOf(attributes, '00200013')];
  return [
    joined(stringOf(attributes, '00080060'), stringOf(attributes, '00081030')),
    stringOf(attributes, '0008103E') ?? '',
    joined(
      series === undefined ? undefined : `Se ${series}`,
      image === undefined ? undefined : `Im ${image}`,
      frames > 1 ? `Fr ${frameNumber}/${frames}` : undefined,
    ),
    joined(dateOf(attributes, '00080022'), timeOf(attributes, '00080032')),
    voi.kind === 'window' ? `W ${rounded(voi.width)} C ${rounded(voi.center)}` : '',
    joined(measured('T', '00180050', ' mm'), measured('L', '00201041', ' mm')),
    position.length === 3 ? `P ${position.join(' ')}` : '',
    joined(
      measured('', '00180060', ' kV'),
      measured('', '00181151', ' mA'),
      measured('', '00181152', ' mAs'),
      measured('TR', '00180080', ' ms'),
      measured('TE', '00180081', ' ms'),
      measured('FA', '00181314', '°'),
    ),
    joined(stringOf(attributes, '00080070'), stringOf(attributes, '00081090')),
  ];
}

/** Where an attribute of a frame is: in one of its functional groups, those of all frames, or at the top level. */
function holderOf(attributes: DicomJson, groups: readonly (DicomJson | undefined)[], tag: string): DicomJson {
  for (const group of groups) {
    for (const macro of Object.keys(group ?? {})) {
      const item = itemOf(group, macro);
      if (item?.[tag] !== undefined) return item;
    }
  }
  return attributes;
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts
    .map((part) => part?.trim())
    .filter(Boolean)
    .join('  ');
}

function dateOf(attributes: DicomJson, tag: string): string | undefined {
  const text = stringOf(attributes, tag);
  return text === undefined ? undefined : readableDate(text);
}

/** To the second. */
function timeOf(attributes: DicomJson, tag: string): string | undefined {
  const text = stringOf(attributes, tag);
  return text === undefined ? undefined : readableTime(text.replace(/\.\d*$/, ''));
}

function rounded(value: number): string {
  return String(Math.round(100 * value) / 100);
}
