import type { ColourSpace, Triple } from './colour-spaces.ts';

const d50: Triple = [0.9642, 1, 0.8249];

/** The profile of a space: three colorants and a curve (ICC.1:2010, §8.4.3), a few hundred bytes. */
export function profileOf({ name, colorants, curve }: ColourSpace): Buffer {
  const [red, green, blue] = colorants;
  const curveTag = tag('para', [u16(3), u16(0), ...[curve.g, curve.a, curve.b, curve.c, curve.d].map(s15)]);
  const tags: readonly (readonly [signature: string, content: Buffer])[] = [
    ['desc', localizedText(name)],
    ['cprt', localizedText('No copyright')],
    ['wtpt', xyz(d50)],
    ['rXYZ', xyz(red)],
    ['gXYZ', xyz(green)],
    ['bXYZ', xyz(blue)],
    ['rTRC', curveTag],
    ['gTRC', curveTag],
    ['bTRC', curveTag],
  ];
  const directory: Buffer[] = [u32(tags.length)];
  const contents: Buffer[] = [];
  let offset = 128 + 4 + 12 * tags.length;
  for (const [signature, content] of tags) {
    directory.push(Buffer.from(signature, 'latin1'), u32(offset), u32(content.length));
    contents.push(content);
    offset += content.length;
  }
  return Buffer.concat([header(offset), ...directory, ...contents]);
}

function header(size: number): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32BE(size, 0);
  bytes.writeUInt32BE(0x0430_0000, 8);
  bytes.write('mntrRGB XYZ ', 12, 'latin1');
  // The date has to be one: that of the edition of ICC.1 that the profile goes by.
  for (const [at, part] of [2010, 12, 1, 0, 0, 0].entries()) bytes.writeUInt16BE(part, 24 + 2 * at);
  bytes.write('acsp', 36, 'latin1');
  Buffer.concat(d50.map(s15)).copy(bytes, 68);
  return bytes;
}

function tag(type: string, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), u32(0), ...parts]);
  return Buffer.concat([content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
}

function localizedText(text: string): Buffer {
  const letters = Buffer.from(text, 'utf16le').swap16();
  return tag('mluc', [u32(1), u32(12), Buffer.from('enUS', 'latin1'), u32(letters.length), u32(28), letters]);
}

function xyz(values: Triple): Buffer {
  return tag('XYZ ', values.map(s15));
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** s15Fixed16Number */
function s15(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(65_536 * value));
  return bytes;
}
