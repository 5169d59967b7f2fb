import { Buffer } from 'node:buffer';
import {
  type DirectoryRecordType,
  directoryKeys,
  instanceRecord,
  patientRecord,
  seriesRecord,
  studyRecord,
} from './directory-records.ts';
import { encodeFileHeader } from './file-meta.ts';
import type { DicomJson } from './json-model.ts';
import { writeDataSet } from './json-writer.ts';
import { nameSearchText } from './match-name.ts';

/** An instance that a file-set holds. */
export interface DirectoryInstance {
  /** Components of 1 to 8 characters of `A-Z0-9_` (PS3.10 §8.2, §8.5). */
  readonly fileId: readonly string[];
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly attributes: DicomJson;
}

/** Collects the directory of a file-set; keeps some hundred bytes of each instance. */
export interface DicomdirBuilder {
  add(instance: DirectoryInstance): void;
  /** The whole Part 10 file, Explicit VR Little Endian. */
  end(): Buffer;
}

const mediaStorageDirectory = '1.2.840.10008.1.3.10';
const explicitLittle = '1.2.840.10008.1.2.1';
const itemHeaderBytes = 8;
/** Where in an item the two offsets lie: records begin with (0004,1400) UL, (0004,1410) US and (0004,1420) UL. */
const nextOffsetAt = itemHeaderBytes + 8;
const lowerOffsetAt = nextOffsetAt + 4 + 10 + 8;

interface Entity {
  readonly item: Buffer;
  /** By the key that tells them apart, in the order in which they came. */
  readonly lower: Map<string, Entity>;
}

/**
 * Writes a DICOMDIR: patients, studies, series and instances, each entity linked to the next one and to the first one
 * below it. Text is UTF-8. Patients of one Patient ID whose name, issuer or birth date differ are not taken for the same.
 * @param sopInstanceUid of the directory itself
 * @see PS3.3 Annex F, PS3.10 §8.6
 */
export function createDicomdir(sopInstanceUid: string): DicomdirBuilder {
  const patients = new Map<string, Entity>();
  /** By Patient ID and study, which is of one patient, even if some of its instances tell less of them. */
  const patientKeys = new Map<string, string>();

  function patientKey(patientId: string, { studyInstanceUid, attributes }: DirectoryInstance): string {
    const inStudy = JSON.stringify([patientId, studyInstanceUid]);
    const known = patientKeys.get(inStudy);
    if (known !== undefined) return known;
    const texts = ['00100021', '00100030'].map((tag) => String(attributes[tag]?.Value?.[0] ?? '').trim());
    const key = JSON.stringify([patientId, nameSearchText(attributes['00100010']) ?? '', ...texts]);
    patientKeys.set(inStudy, key);
    return key;
  }

  return {
    add(instance) {
      const { attributes, studyInstanceUid, seriesInstanceUid } = instance;
      const patientType = patientRecord(studyInstanceUid);
      const patientId = directoryKeys(patientType, attributes)['00100020']?.Value?.[0];
      const patient = entity(patients, patientKey(String(patientId), instance), patientType, attributes);
      const study = entity(patient.lower, studyInstanceUid, studyRecord, attributes);
      const series = entity(study.lower, seriesInstanceUid, seriesRecord, attributes);
      entity(series.lower, instance.sopInstanceUid, instanceRecord(instance.sopClassUid), attributes, {
        '00041500': { vr: 'CS', Value: [...instance.fileId] },
        '00041510': { vr: 'UI', Value: [instance.sopClassUid] },
        '00041511': { vr: 'UI', Value: [instance.sopInstanceUid] },
        '00041512': { vr: 'UI', Value: [instance.transferSyntaxUid] },
      });
    },
    end() {
      const header = encodeFileHeader({
        sopClassUid: mediaStorageDirectory,
        sopInstanceUid,
        transferSyntaxUid: explicitLittle,
      });
      const recordsOffset = header.length + directoryHead({ first: 0, last: 0, recordBytes: 0 }).length;
      const { items, offsets, end } = link(patients, recordsOffset);
      const recordBytes = end - recordsOffset;
      const head = directoryHead({ first: offsets[0] ?? 0, last: offsets.at(-1) ?? 0, recordBytes });
      return Buffer.concat([header, head, ...items]);
    },
  };
}

function entity(
  siblings: Map<string, Entity>,
  key: string,
  type: DirectoryRecordType,
  attributes: DicomJson,
  reference: DicomJson = {},
): Entity {
  const known = siblings.get(key);
  if (known !== undefined) return known;
  const record = writeDataSet(
    {
      '00041400': { vr: 'UL', Value: [0] },
      '00041410': { vr: 'US', Value: [0xffff] },
      '00041420': { vr: 'UL', Value: [0] },
      '00041430': { vr: 'CS', Value: [type.name] },
      ...reference,
      ...directoryKeys(type, attributes),
    },
    // Nothing that a key holds is bulk; what an odd device put beside it stays in its instance.
    () => Buffer.alloc(0),
  );
  const item = Buffer.alloc(itemHeaderBytes + record.length);
  item.writeUInt16LE(0xfffe, 0);
  item.writeUInt16LE(0xe000, 2);
  item.writeUInt32LE(record.length, 4);
  record.copy(item, itemHeaderBytes);
  const created: Entity = { item, lower: new Map() };
  siblings.set(key, created);
  return created;
}

/** Records as they follow each other in the file. */
interface LaidOut {
  readonly items: readonly Buffer[];
  /** Of the siblings, without those below them. */
  readonly offsets: readonly number[];
  readonly end: number;
}

/** Lays records out, each before those below it, and writes the links between them. */
function link(siblings: ReadonlyMap<string, Entity>, start: number): LaidOut {
  const items: Buffer[] = [];
  const offsets: number[] = [];
  let end = start;
  let previous: Entity | undefined;
  for (const one of siblings.values()) {
    previous?.item.writeUInt32LE(end, nextOffsetAt);
    offsets.push(end);
    const below = link(one.lower, end + one.item.length);
    one.item.writeUInt32LE(below.offsets[0] ?? 0, lowerOffsetAt);
    items.push(one.item);
    for (const item of below.items) items.push(item);
    end = below.end;
    previous = one;
  }
  return { items, offsets, end };
}

/** What stands in front of the records, and the header of their sequence. */
function directoryHead({ first, last, recordBytes }: { first: number; last: number; recordBytes: number }): Buffer {
  const identification = writeDataSet({
    '00041130': { vr: 'CS' },
    '00041200': { vr: 'UL', Value: [first] },
    '00041202': { vr: 'UL', Value: [last] },
    '00041212': { vr: 'US', Value: [0] },
    '00041220': { vr: 'SQ' },
  });
  identification.writeUInt32LE(recordBytes, identification.length - 4);
  return identification;
}
