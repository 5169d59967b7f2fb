import type { DicomJson, DicomJsonElement, Vr } from '../dicom/json-model.ts';
import type { FoundEntity } from '../index/found-entity.ts';
import { attributesOfMetadata } from '../index/stored-metadata.ts';

/** Everything that the index tells of a match, parent levels included, and what it counts (PS3.4 §C.3.4). */
export async function knownAttributes({ study, series, instance }: FoundEntity): Promise<DicomJson> {
  const [ofStudy, ofSeries, ofInstance] = await Promise.all([
    attributesIn(study.attributes),
    attributesIn(series?.attributes),
    attributesIn(instance?.metadata),
  ]);
  return {
    ...(instance && {
      '00080016': single('UI', instance.sopClassUid),
      '00200013': single('IS', instance.instanceNumber),
      '00280008': single('IS', instance.numberOfFrames),
      '00280010': single('US', instance.rows),
      '00280011': single('US', instance.columns),
      '00280100': single('US', instance.bitsAllocated),
    }),
    ...ofInstance,
    ...ofStudy,
    ...ofSeries,
    // Text is UTF-8 here, whatever it was in the files.
    '00080005': single('CS', 'ISO_IR 192'),
    '00080056': single('CS', 'ONLINE'),
    '0020000D': single('UI', study.studyInstanceUid),
    '00080061': several('CS', study.modalities),
    '00080062': several('UI', study.sopClassUids),
    '00201206': single('IS', study.series),
    '00201208': single('IS', study.instances),
    ...(series && {
      '0020000E': single('UI', series.seriesInstanceUid),
      '00201209': single('IS', series.instances),
    }),
    ...(instance && {
      '00080018': single('UI', instance.sopInstanceUid),
      '00083002': single('UI', instance.transferSyntaxUid),
    }),
  };
}

async function attributesIn(deflated: Buffer | undefined): Promise<DicomJson> {
  return deflated === undefined ? {} : attributesOfMetadata(deflated);
}

function single(vr: Vr, value: string | number | null): DicomJsonElement {
  return value === null ? { vr } : { vr, Value: [value] };
}

function several(vr: Vr, values: readonly string[]): DicomJsonElement {
  return values.length > 0 ? { vr, Value: [...values] } : { vr };
}
