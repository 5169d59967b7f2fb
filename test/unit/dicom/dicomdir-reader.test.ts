import { describe, expect, it } from 'vitest';
import { createDicomdir } from '../../../src/dicom/dicomdir.ts';
import { createDicomdirReader, type DirectoryEntry } from '../../../src/dicom/dicomdir-reader.ts';
import { attributesOf } from '../../../src/dicom/keyword-attributes.ts';

function directory(): Buffer {
  const builder = createDicomdir('1.2.3');
  for (const [patient, series, number] of [
    ['A', 1, 1],
    ['B', 1, 1],
    ['A', 2, 1],
    ['A', 2, 2],
  ] as const) {
    builder.add({
      fileId: ['DICOM', patient, `S${series}`, `I${number}`],
      studyInstanceUid: `1.${patient === 'A' ? 1 : 2}`,
      seriesInstanceUid: `1.${series}`,
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `1.${series}.${number}`,
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      attributes: {
        '00100020': { vr: 'LO', Value: [patient] },
        '00080060': { vr: 'CS', Value: ['CT'] },
        '00200013': { vr: 'IS', Value: [number] },
      },
    });
  }
  return builder.end();
}

function read(file: Buffer, chunkBytes = file.length): DirectoryEntry[] {
  const reader = createDicomdirReader();
  for (let at = 0; at < file.length; at += chunkBytes) reader.push(file.subarray(at, at + chunkBytes));
  return reader.end();
}

/** Where the records begin: the header of each is followed by the offset of the next record. */
function recordsAt(file: Buffer): number[] {
  const found: number[] = [];
  for (let at = file.indexOf(Buffer.from('feff00e0', 'hex')); at >= 0 && at < file.length; ) {
    found.push(at);
    at += 8 + file.readUInt32LE(at + 4);
  }
  return found;
}
const nextOffset = 16;

describe('a DICOMDIR', () => {
  it.each([1, 7, 100_000])('tells of its instances with what is above them, in chunks of %i bytes', (chunkBytes) => {
    const entries = read(directory(), chunkBytes);
    expect(entries.map(({ type, fileId }) => `${type} ${fileId.join('/')}`)).toEqual([
      'IMAGE DICOM/A/S1/I1',
      'IMAGE DICOM/A/S2/I1',
      'IMAGE DICOM/A/S2/I2',
      'IMAGE DICOM/B/S1/I1',
    ]);
    expect(attributesOf(entries[2]!.attributes)).toMatchObject({
      PatientID: 'A',
      Modality: 'CT',
      InstanceNumber: 2,
      ReferencedSOPInstanceUIDInFile: '1.2.2',
    });
  });

  it('does not tell of what is not in use any more', () => {
    const file = directory();
    const [patient] = recordsAt(file) as [number];
    file.writeUInt16LE(0, patient + 28);
    expect(read(file).map(({ fileId }) => fileId[1])).toEqual(['B']);
  });

  it('is refused where its links lead in a circle, or nowhere', () => {
    const file = directory();
    const [patient] = recordsAt(file) as [number];
    file.writeUInt32LE(patient, patient + nextOffset);
    expect(() => read(file)).toThrow('in a circle');
    file.writeUInt32LE(patient + 2, patient + nextOffset);
    expect(() => read(file)).toThrow(`at byte ${patient + 2}, where none is`);
  });

  it('may be empty', () => {
    expect(read(createDicomdir('1.2.3').end())).toEqual([]);
  });
});
