// Makes CT objects for benchmarks: headers of a usual size, pixels that do not compress away.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const longLengthVrs = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

/** A UID that is the same for the same name. */
export function uidOf(name) {
  return `2.25.${BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 30)}`)}`;
}

function header(tag, vr, length) {
  const long = longLengthVrs.has(vr);
  const bytes = Buffer.alloc(long ? 12 : 8);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  bytes.write(vr, 4, 'latin1');
  if (long) bytes.writeUInt32LE(length, 8);
  else bytes.writeUInt16LE(length, 6);
  return bytes;
}

function element(tag, vr, value) {
  let bytes;
  if (Buffer.isBuffer(value)) bytes = value;
  else if (vr === 'US') {
    bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
  } else bytes = Buffer.from(value, 'utf8');
  if (bytes.length % 2) bytes = Buffer.concat([bytes, Buffer.from(vr === 'UI' ? '\0' : ' ')]);
  return Buffer.concat([header(tag, vr, bytes.length), bytes]);
}

/** The file up to where its pixels begin. */
export function ctHead({
  patient,
  study,
  series,
  number,
  rows,
  columns,
  frames = 1,
  date = '20240102',
  multiFrame = false,
}) {
  const sopClass = multiFrame ? '1.2.840.10008.5.1.4.1.1.7.3' : '1.2.840.10008.5.1.4.1.1.2';
  const sopInstance = uidOf(`${study}/${series}/${number}`);
  const meta = Buffer.concat([
    element('00020001', 'OB', Buffer.from([0, 1])),
    element('00020002', 'UI', sopClass),
    element('00020003', 'UI', sopInstance),
    element('00020010', 'UI', '1.2.840.10008.1.2.1'),
    element('00020012', 'UI', '2.25.1'),
  ]);
  const groupLength = Buffer.alloc(4);
  groupLength.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element('00020000', 'UL', groupLength),
    meta,
    element('00080005', 'CS', 'ISO_IR 192'),
    element('00080008', 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    element('00080016', 'UI', sopClass),
    element('00080018', 'UI', sopInstance),
    element('00080020', 'DA', date),
    element('00080021', 'DA', date),
    element('00080030', 'TM', '101500'),
    element('00080031', 'TM', '101600'),
    element('00080050', 'SH', `A${createHash('sha256').update(study).digest('hex').slice(0, 8)}`),
    element('00080060', 'CS', multiFrame ? 'OT' : 'CT'),
    element('00080070', 'LO', 'Synthetic'),
    element('00080080', 'LO', 'Bench Hospital'),
    element('00080090', 'PN', 'Referrer^Rita'),
    element('00081030', 'LO', 'HEAD WITHOUT CONTRAST'),
    element('0008103E', 'LO', 'AXIAL 1.0 H40s'),
    element('00081090', 'LO', 'Model One'),
    element('00100010', 'PN', `${patient}^Bench`),
    element('00100020', 'LO', `ID-${patient}`),
    element('00100030', 'DA', '19600101'),
    element('00100040', 'CS', 'F'),
    element('00101010', 'AS', '064Y'),
    element('00180015', 'CS', 'HEAD'),
    element('00180050', 'DS', '1.0'),
    element('00180060', 'DS', '120'),
    ...Array.from({ length: 60 }, (_, at) =>
      element(`0019${(0x1001 + at).toString(16).padStart(4, '0')}`, 'LO', `private value ${at}`),
    ).map((one, at) => (at === 0 ? Buffer.concat([element('00190010', 'LO', 'BENCH 1.0'), one]) : one)),
    element('0020000D', 'UI', uidOf(study)),
    element('0020000E', 'UI', uidOf(`${study}/${series}`)),
    element('00200010', 'SH', '1'),
    element('00200011', 'IS', '1'),
    element('00200013', 'IS', String(number)),
    element('00200032', 'DS', `-115\\-115\\${number}`),
    element('00200037', 'DS', '1\\0\\0\\0\\1\\0'),
    element('00200052', 'UI', uidOf(`${study}/frame`)),
    element('00280002', 'US', 1),
    element('00280004', 'CS', 'MONOCHROME2'),
    ...(multiFrame ? [element('00280008', 'IS', String(frames))] : []),
    element('00280010', 'US', rows),
    element('00280011', 'US', columns),
    element('00280030', 'DS', '0.449\\0.449'),
    element('00280100', 'US', 16),
    element('00280101', 'US', 12),
    element('00280102', 'US', 11),
    element('00280103', 'US', 0),
    element('00281050', 'DS', '1064'),
    element('00281051', 'DS', '400'),
    element('00281052', 'DS', '-1024'),
    element('00281053', 'DS', '1'),
    header('7FE00010', 'OW', rows * columns * 2 * frames),
  ]);
}

/** Smooth anatomy with noise, 12 bits in 16. */
export function ctPixels(rows, columns, seed) {
  const pixels = Buffer.alloc(rows * columns * 2);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const distance = Math.hypot(row / rows - 0.5, column / columns - 0.5);
      const tissue =
        distance > 0.45 ? 24 : distance > 0.42 ? 1900 : 1060 + 40 * Math.sin(row / 23 + seed) * Math.cos(column / 31);
      pixels.writeUInt16LE(Math.round(tissue + (state >>> 27)), (row * columns + column) * 2);
    }
  }
  return pixels;
}

/** Writes `slices` files of one series into `folders` in turn. @returns the files' paths */
export function writeCtSeries({ folders, slices, size, study = 'study', patient = 'Series' }) {
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  return Array.from({ length: slices }, (_, at) => {
    const head = ctHead({ patient, study, series: 'ct', number: at + 1, rows: size, columns: size });
    const file = join(folders[at % folders.length], `${String(at + 1).padStart(5, '0')}.dcm`);
    writeFileSync(file, Buffer.concat([head, ctPixels(size, size, at)]));
    return file;
  });
}

/** Writes one multi-frame object frame by frame, so that it may be larger than memory. */
export function writeMultiFrame({ file, study, frames, size }) {
  const out = openSync(file, 'w');
  writeSync(
    out,
    ctHead({ patient: 'Large', study, series: 'mf', number: 1, rows: size, columns: size, frames, multiFrame: true }),
  );
  const pixels = ctPixels(size, size, 1);
  for (let frame = 0; frame < frames; frame++) {
    pixels.writeUInt16LE(frame, 0);
    writeSync(out, pixels);
  }
  closeSync(out);
}

/** Writes `count` studies of one tiny instance each. */
export function writeStudies({ folder, count }) {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < count; at++) {
    const day = String((at % 28) + 1).padStart(2, '0');
    const month = String((Math.floor(at / 28) % 12) + 1).padStart(2, '0');
    const head = ctHead({
      patient: `Patient${at}`,
      study: `list-${at}`,
      series: 'ct',
      number: 1,
      rows: 2,
      columns: 2,
      date: `20${String(10 + (at % 15))}${month}${day}`,
    });
    writeFileSync(join(folder, `${at}.dcm`), Buffer.concat([head, Buffer.alloc(8)]));
  }
}
