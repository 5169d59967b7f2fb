import { createHash, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import type { NewInstance } from '../../src/index/instance-record.ts';

/** Which synthetic instance, by numbers from 0. */
export interface InstanceNumbers {
  readonly study: number;
  readonly series?: number;
  readonly instance?: number;
  /** Another value is other content under the same UIDs. */
  readonly version?: number;
  /** Over those that the numbers give. */
  readonly attributes?: DicomJson;
}

/** A synthetic CT instance as ingest hands it to the index: two with the same numbers have the same content. */
export function newInstance(
  { study, series = 0, instance = 0, version = 0, attributes = {} }: InstanceNumbers,
  over: Partial<NewInstance> = {},
): NewInstance {
  const studyInstanceUid = `1.2.826.0.1.${study}`;
  const seriesInstanceUid = `${studyInstanceUid}.${series}`;
  const sopInstanceUid = `${seriesInstanceUid}.${instance}`;
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.2';
  const json: DicomJson = {
    '00080008': { vr: 'CS', Value: ['ORIGINAL', 'PRIMARY', 'AXIAL'] },
    '00080016': { vr: 'UI', Value: [sopClassUid] },
    '00080018': { vr: 'UI', Value: [sopInstanceUid] },
    '00080020': { vr: 'DA', Value: ['20240229'] },
    '00080050': { vr: 'SH', Value: [`A${study}`] },
    '00080060': { vr: 'CS', Value: ['CT'] },
    '00081030': { vr: 'LO', Value: ['Synthetic'] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: `Synthetic^Number ${study}` }] },
    '00100020': { vr: 'LO', Value: [`P${study}`] },
    '0020000D': { vr: 'UI', Value: [studyInstanceUid] },
    '0020000E': { vr: 'UI', Value: [seriesInstanceUid] },
    '00200011': { vr: 'IS', Value: [series + 1] },
    '00200013': { vr: 'IS', Value: [instance + 1] },
    '00280008': { vr: 'IS', Value: [1] },
    '00280010': { vr: 'US', Value: [512] },
    '00280011': { vr: 'US', Value: [512] },
    '00280100': { vr: 'US', Value: [16] },
    '00324000': { vr: 'LT', Value: [`Version ${version}`] },
    ...attributes,
  };
  const text = JSON.stringify(json);
  return {
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid,
    sopClassUid,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    attributes: json,
    metadata: deflateRawSync(text),
    blobKey: `${study}/${series}/${instance}-${randomBytes(6).toString('hex')}.dcm`,
    size: 525_000,
    sha256: createHash('sha256').update(text).digest(),
    dataSetOffset: 350,
    deflated: false,
    pixelData: {
      kind: 'native',
      tag: '7FE00010',
      vr: 'OW',
      bigEndian: false,
      frames: 1,
      bitsPerFrame: 512 * 512 * 16,
      offset: 700,
      length: 524_288,
    },
    bulk: [{ path: '7FE00010', offset: 700, length: 524_288, vr: 'OW', bigEndian: false }],
    source: { door: 'dimse', callingAeTitle: 'SYNTHETIC', address: '192.0.2.1' },
    ...over,
  };
}
