import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { describeAnnotation } from '../../../src/imaging/annotation.ts';
import { annotationSvg } from '../../../src/imaging/worker/render/annotation-svg.ts';

const attributes: DicomJson = {
  '00080020': { vr: 'DA', Value: ['20240315'] },
  '00080030': { vr: 'TM', Value: ['101314.500'] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane^^Dr.' }] },
  '00100020': { vr: 'LO', Value: ['P1'] },
  '00100030': { vr: 'DA', Value: ['19700102'] },
  '00100040': { vr: 'CS', Value: ['F'] },
  '00180060': { vr: 'DS', Value: [120] },
  '00200011': { vr: 'IS', Value: [3] },
  '00280008': { vr: 'IS', Value: [9] },
  '52009229': {
    vr: 'SQ',
    Value: [{ '00289110': { vr: 'SQ', Value: [{ '00180050': { vr: 'DS', Value: [2.5] } }] } }],
  },
};
const frame = {
  bytes: new Uint8Array(),
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  bitOffset: 0,
  attributes,
  frameNumber: 2,
};
const window = { kind: 'window', center: 40, width: 400.004, function: 'linear' } as const;

describe('an annotation', () => {
  it('of the patient says who it is', () => {
    expect(describeAnnotation(frame, ['patient'], window)).toEqual({
      patient: ['Dr. Jane Doe', 'P1', '* 1970-01-02  F', '2024-03-15  10:13:14'],
      technique: [],
    });
  });

  it('of the technique says which image it is, and how it was taken and is shown', () => {
    expect(describeAnnotation(frame, ['technique'], window)).toEqual({
      patient: [],
      technique: ['CT', 'Se 3  Fr 2/9', 'W 400 C 40', 'T 2.5 mm', '120 kV'],
    });
    const { technique } = describeAnnotation(frame, ['technique'], { kind: 'auto' })!;
    expect(technique.some((line) => line.startsWith('W '))).toBe(false);
  });

  it('is none where none is asked for', () => {
    expect(describeAnnotation(frame, undefined, window)).toBeUndefined();
  });

  it('cannot break out of the picture that it is drawn with', async () => {
    const hostile = `</text><image href="file:///etc/hostname" width="99" height="99"/>&x;'"\u0000`;
    const svg = annotationSvg({ patient: [hostile], technique: [] }, { width: 2000, height: 500 });
    expect(svg).toContain('&lt;/text&gt;&lt;image href=');
    expect(svg).not.toContain('<image');
    await expect(sharp(Buffer.from(svg)).metadata()).resolves.toMatchObject({ width: 2000, height: 500 });
  });

  it('leaves out and cuts off what there is no room for, with an ellipsis, and keeps within the picture', async () => {
    const lines = Array.from({ length: 30 }, (_, at) => `${at} ${'MW山'.repeat(40)}`);
    const svg = annotationSvg({ patient: lines, technique: lines }, { width: 256, height: 256 });
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text as string);
    expect(texts.every((text) => text.endsWith('…'))).toBe(true);
    expect(new Set(texts).size).toBeLessThan(15);
    const margin = sharp(Buffer.from(svg)).extract({ left: 252, top: 0, width: 4, height: 256 }).flatten();
    expect((await margin.raw().toBuffer()).some((level) => level > 100)).toBe(false);
  });

  it('has letters that grow with the picture', () => {
    const sizeIn = (side: number) =>
      Number(
        /font-size="([\d.]+)"/.exec(
          annotationSvg({ patient: ['A'], technique: [] }, { width: side, height: side }),
        )?.[1],
      );
    expect([100, 512, 2048, 8000].map(sizeIn)).toEqual([9, 16, 64, 64]);
  });

  it('is refused where nobody could read it', () => {
    for (const [width, height] of [
      [40, 400],
      [400, 12],
    ] as const) {
      expect(() => annotationSvg({ patient: ['A'], technique: ['B'] }, { width, height })).toThrow(
        /too small for text/,
      );
    }
  });
});
