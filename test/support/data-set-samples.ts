import fc from 'fast-check';
import type { DicomJson, DicomJsonElement, DicomJsonValue } from '../../src/dicom/json-model.ts';
import { type BuiltElement, element, inTagOrder, sequence } from './dicom-builder.ts';

/** An attribute as it is written, and what has to come out of it. */
export interface Sample {
  readonly built: BuiltElement;
  readonly tag: string;
  readonly json: DicomJsonElement;
}

export function sample(
  tag: string,
  vr: DicomJsonElement['vr'],
  written: string | readonly number[],
  read: readonly DicomJsonValue[],
): Sample {
  return { built: element(tag, vr, written), tag, json: { vr, Value: [...read] } };
}

const word = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9 .]{0,10}[A-Za-z0-9])?$/);

function textual(tag: string, vr: DicomJsonElement['vr'], of: fc.Arbitrary<string>): fc.Arbitrary<Sample> {
  return fc.array(of, { minLength: 1, maxLength: 3 }).map((values) => sample(tag, vr, values.join('\\'), values));
}

function numeric(tag: string, vr: DicomJsonElement['vr'], of: fc.Arbitrary<number>): fc.Arbitrary<Sample> {
  return fc.array(of, { minLength: 1, maxLength: 3 }).map((values) => sample(tag, vr, values, values));
}

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });

/** Attributes of the Standard, so that implicit VR finds them in the dictionary. */
const leaf: fc.Arbitrary<Sample> = fc.oneof(
  textual('00080054', 'AE', fc.stringMatching(/^[A-Z]{1,16}$/)),
  textual('00101010', 'AS', fc.constantFrom('042Y', '003M')),
  textual('00080008', 'CS', fc.stringMatching(/^[A-Z]{2,9}$/)),
  textual('00080020', 'DA', fc.constantFrom('20260101', '19700228')),
  textual('0008002A', 'DT', fc.constant('20260101120000+0100')),
  textual('00081030', 'LO', word),
  textual('00080050', 'SH', word),
  textual('00080030', 'TM', fc.constantFrom('235959.123', '12')),
  textual('00081155', 'UI', fc.constantFrom('1.2.3', '1.2.34')),
  word.map((text) => sample('001021B0', 'LT', `${text}\\a\r\n b`, [`${text}\\a\r\n b`])),
  word.map((text) => sample('00081190', 'UR', `urn:${text}`, [`urn:${text}`])),
  numeric('00189219', 'SS', fc.integer({ min: -0x8000, max: 0x7fff })),
  fc.integer({ min: -9999, max: 9999 }).map((n) => sample('00101030', 'DS', String(n / 4), [n / 4])),
  fc.integer({ min: -9999, max: 9999 }).map((n) => sample('00200013', 'IS', ` ${n} `, [n])),
  fc
    .tuple(word, word)
    .map(([a, b]) =>
      sample('00100010', 'PN', `${a}^B=${b}\\\\=${b}`, [
        { Alphabetic: `${a}^B`, Ideographic: b },
        null,
        { Ideographic: b },
      ]),
    ),
  numeric('00280010', 'US', fc.integer({ min: 0, max: 0xffff })),
  numeric('00186020', 'SL', fc.integer({ min: -0x80000000, max: 0x7fffffff })),
  numeric('00186030', 'UL', fc.integer({ min: 0, max: 0xffffffff })),
  numeric('00189073', 'FD', double),
  numeric('00089459', 'FL', float),
  fc.constantFrom('00100010', '7FE00010').map((tag) => sample('00280009', 'AT', [Number.parseInt(tag, 16)], [tag])),
);

/** A data set: its elements in order, each tag once. */
export function assemble(parts: readonly Sample[]): { elements: BuiltElement[]; json: DicomJson } {
  const byTag = new Map(parts.map((part) => [part.tag, part]));
  const ordered = [...byTag.values()].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  return {
    elements: inTagOrder(ordered.map(({ built }) => built)),
    json: Object.fromEntries(ordered.map(({ tag, json }) => [tag, json])),
  };
}

const { dataSet: samples } = fc.letrec<{ dataSet: Sample[]; part: Sample }>((tie) => ({
  dataSet: fc.array(tie('part'), { maxLength: 6 }),
  part: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc
      .tuple(
        fc.constantFrom('00081140', '00082218', '00400275'),
        fc.array(tie('dataSet'), { maxLength: 3 }),
        fc.boolean(),
        fc.constantFrom('SQ', 'SQ', 'UN'),
      )
      .map(([tag, items, undefinedLength, vr]) => {
        const assembled = items.map(assemble);
        return {
          tag,
          built: sequence(
            tag,
            assembled.map(({ elements }) => elements),
            { undefinedLength, vr: vr as 'SQ' | 'UN' },
          ),
          json: {
            vr: 'SQ' as const,
            ...(items.length === 0 ? {} : { Value: assembled.map(({ json }) => json) }),
          },
        };
      }),
  ),
}));

/** Attributes of many kinds, sequences within sequences too. */
export const dataSetSamples: fc.Arbitrary<Sample[]> = samples;
