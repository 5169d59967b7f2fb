import type { DicomJson, PersonNameValue } from '../../dicom/json-model.ts';
import { storageSopClass } from '../../dicom/storage-sop-classes.ts';
import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import type { EntityRow, ImageRow, PatientRow } from '../../search/tables.ts';
import type { components } from '../openapi.gen.ts';

type Schemas = components['schemas'];

export function imageRow({ attributes, createdAt, callingAeTitle, address, ...image }: ImageRow): Schemas['ImageRow'] {
  const of = valuesOf(attributes);
  const sopClassUid = of.text('00080016') ?? '';
  const transferSyntaxUid = of.text('00083002') ?? '';
  return present({
    sopInstanceUid: of.text('00080018') ?? '',
    seriesInstanceUid: of.text('0020000E') ?? '',
    studyInstanceUid: of.text('0020000D') ?? '',
    sopClassUid,
    sopClassName: storageSopClass(sopClassUid)?.name,
    transferSyntaxUid,
    transferSyntaxName: transferSyntax(transferSyntaxUid)?.name,
    modality: of.text('00080060'),
    instanceNumber: of.number('00200013'),
    rows: of.number('00280010'),
    columns: of.number('00280011'),
    ...image,
    callingAeTitle: callingAeTitle ?? undefined,
    address: address ?? undefined,
    seriesDescription: of.text('0008103E'),
    studyDescription: of.text('00081030'),
    studyDate: of.text('00080020'),
    ...personOf(of),
    patientAge: of.text('00101010'),
    createdAt: createdAt.toISOString(),
  });
}

export function seriesRow({ attributes, createdAt, updatedAt, forwarding }: EntityRow): Schemas['SeriesRow'] {
  const of = valuesOf(attributes);
  return present({
    seriesInstanceUid: of.text('0020000E') ?? '',
    studyInstanceUid: of.text('0020000D') ?? '',
    modality: of.text('00080060'),
    seriesNumber: of.number('00200011'),
    seriesDate: of.text('00080021'),
    seriesDescription: of.text('0008103E'),
    bodyPartExamined: of.text('00180015'),
    stationName: of.text('00081010'),
    manufacturer: of.text('00080070'),
    institutionName: of.text('00080080'),
    studyDescription: of.text('00081030'),
    studyDate: of.text('00080020'),
    instances: of.number('00201209') ?? 0,
    forwarding,
    ...personOf(of),
    patientAge: of.text('00101010'),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  });
}

export function studyRow({ attributes, createdAt, updatedAt, forwarding }: EntityRow): Schemas['StudyRow'] {
  const of = valuesOf(attributes);
  return present({
    studyInstanceUid: of.text('0020000D') ?? '',
    studyDate: of.text('00080020'),
    studyTime: of.text('00080030'),
    accessionNumber: of.text('00080050'),
    studyDescription: of.text('00081030'),
    studyId: of.text('00200010'),
    referringPhysicianName: of.name('00080090'),
    modalities: of.texts('00080061'),
    series: of.number('00201206') ?? 0,
    instances: of.number('00201208') ?? 0,
    forwarding,
    ...personOf(of),
    patientAge: of.text('00101010'),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  });
}

export function patientRow(patient: PatientRow): Schemas['PatientRow'] {
  const { attributes, studies, series, instances, modalities, createdAt, updatedAt } = patient;
  const of = valuesOf(attributes);
  return present({
    ...personOf(of),
    patientAge: of.text('00101010'),
    studyDate: of.text('00080020'),
    studies,
    series,
    instances,
    modalities: [...modalities],
    studyInstanceUid: of.text('0020000D') ?? '',
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  });
}

function personOf(of: Values) {
  return {
    patientName: of.name('00100010'),
    patientId: of.text('00100020'),
    issuerOfPatientId: of.text('00100021'),
    patientSex: of.text('00100040'),
    patientBirthDate: of.text('00100030'),
  };
}

type Values = ReturnType<typeof valuesOf>;

function valuesOf(attributes: DicomJson) {
  const all = (tag: string): readonly unknown[] => attributes[tag]?.Value ?? [];
  const texts = (tag: string) => all(tag).filter((value) => typeof value === 'string');
  return {
    texts,
    text: (tag: string) => texts(tag)[0],
    number(tag: string): number | undefined {
      const [value] = all(tag);
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    },
    /** Its groups joined by `=`. */
    name(tag: string): string | undefined {
      const [value] = all(tag) as readonly (PersonNameValue | null | undefined)[];
      const groups = [value?.Alphabetic, value?.Ideographic, value?.Phonetic].map((group) => group ?? '');
      const name = groups.join('=').replace(/=+$/, '');
      return name === '' ? undefined : name;
    },
  };
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
};

/** Without the members that are undefined. */
function present<T extends object>(row: T): Present<T> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Present<T>;
}
