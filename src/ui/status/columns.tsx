import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '../api.ts';
import { age, bytes, dicomDate, moment, personName, wholeNumber } from '../format.ts';
import type { Column } from '../shared/data-table.tsx';
import { Uid } from '../shared/uid.tsx';
import { strings } from '../strings.ts';
import { BecameOf, Forwarded, Progress, Status } from './publishing-status.tsx';

const words = strings.columns;

export interface OfPatient {
  readonly patientName?: string;
  readonly patientId?: string;
  readonly issuerOfPatientId?: string;
  readonly patientSex?: string;
  readonly patientAge?: string;
  readonly patientBirthDate?: string;
  readonly studyDate?: string;
  readonly seriesDate?: string;
}

/** The columns but for those whose header is named: what the page says of itself, its tables need not. */
export function without<Row>(columns: readonly Column<Row>[], ...headers: readonly string[]): Column<Row>[] {
  return columns.filter(({ header }) => !headers.includes(header));
}

/** Where the studies of a patient are shown; undefined without a Patient ID. */
export function patientPlace({ patientId, issuerOfPatientId }: OfPatient): string | undefined {
  if (patientId === undefined || patientId === '') return undefined;
  return `/status/patient?${new URLSearchParams({ patient: patientId, issuer: issuerOfPatientId ?? '' })}`;
}

function patientName<Row extends OfPatient>(): Column<Row> {
  return {
    header: words.name,
    cell: (row) => {
      const name = personName(row.patientName) || row.patientId || words.unnamed;
      const place = patientPlace(row);
      return place === undefined ? (
        name
      ) : (
        <Anchor component={Link} to={place} fz="sm">
          {name}
        </Anchor>
      );
    },
  };
}

function sexAndAge<Row extends OfPatient>(): Column<Row>[] {
  return [
    { header: words.sex, cell: ({ patientSex }) => patientSex ?? '' },
    {
      header: words.age,
      className: 'nowrap',
      cell: ({ patientAge, patientBirthDate, studyDate, seriesDate }) =>
        age(patientAge, patientBirthDate, studyDate ?? seriesDate),
    },
  ];
}

const created: Column<{ readonly createdAt: string }> = {
  header: words.created,
  className: 'nowrap',
  cell: ({ createdAt }) => moment(createdAt),
};
const updated: Column<{ readonly updatedAt: string }> = {
  header: words.updated,
  className: 'nowrap',
  cell: ({ updatedAt }) => moment(updatedAt),
};

/** Cut after two lines; whole in its title. */
const failureOrNote: Column<{ readonly failure?: string; readonly note?: string }> = {
  header: words.failureOrNote,
  cell: ({ failure, note }) => (
    <span className="clip" title={failure ?? note}>
      {failure ?? note}
    </span>
  ),
};

const forwarded: Column<{ readonly forwarding: Schemas['Forwarding'] }> = {
  header: words.status,
  cell: ({ forwarding }) => <Forwarded forwarding={forwarding} />,
};

export const imageColumns: readonly Column<Schemas['ImageRow']>[] = [
  {
    header: words.number,
    className: 'number',
    cell: ({ instanceNumber }) => instanceNumber ?? '',
  },
  { header: words.uid, cell: ({ sopInstanceUid: uid }) => <Uid value={uid} to={`/status/images/${uid}`} /> },
  { header: words.type, cell: ({ sopClassName, sopClassUid }) => sopClassName ?? sopClassUid },
  { header: words.modality, cell: ({ modality }) => modality ?? '' },
  patientName(),
  ...sexAndAge<Schemas['ImageRow']>(),
  { header: words.size, className: 'nowrap', cell: ({ size }) => bytes(size) },
  {
    header: words.sender,
    cell: ({ callingAeTitle, address, door }) => [callingAeTitle ?? door, address].filter(Boolean).join(' · '),
  },
  forwarded,
  created,
];

export const seriesColumns: readonly Column<Schemas['SeriesRow']>[] = [
  { header: words.number, className: 'number', cell: ({ seriesNumber }) => seriesNumber ?? '' },
  { header: words.uid, cell: ({ seriesInstanceUid: uid }) => <Uid value={uid} to={`/status/series/${uid}`} /> },
  { header: words.modality, cell: ({ modality }) => modality ?? '' },
  { header: words.description, cell: ({ seriesDescription }) => seriesDescription ?? '' },
  { header: words.bodyPart, cell: ({ bodyPartExamined }) => bodyPartExamined ?? '' },
  { header: words.images, className: 'number', cell: ({ instances }) => wholeNumber(instances) },
  patientName(),
  ...sexAndAge<Schemas['SeriesRow']>(),
  forwarded,
  created,
  updated,
];

export const studyColumns: readonly Column<Schemas['StudyRow']>[] = [
  patientName(),
  ...sexAndAge<Schemas['StudyRow']>(),
  { header: words.studyDate, className: 'nowrap', cell: ({ studyDate }) => dicomDate(studyDate) ?? '' },
  {
    header: words.study,
    cell: ({ studyDescription, studyInstanceUid: uid }) =>
      studyDescription ? (
        <Anchor component={Link} to={`/status/studies/${uid}`} fz="sm" title={uid}>
          {studyDescription}
        </Anchor>
      ) : (
        <Uid value={uid} to={`/status/studies/${uid}`} />
      ),
  },
  { header: words.modalities, cell: ({ modalities }) => modalities.join(', ') },
  { header: words.accession, cell: ({ accessionNumber }) => accessionNumber ?? '' },
  { header: words.series, className: 'number', cell: ({ series }) => wholeNumber(series) },
  { header: words.images, className: 'number', cell: ({ instances }) => wholeNumber(instances) },
  forwarded,
  created,
  updated,
];

export const patientColumns: readonly Column<Schemas['PatientRow']>[] = [
  {
    header: words.name,
    cell: (row) => (
      <Anchor component={Link} to={patientPlace(row) ?? `/status/studies/${row.studyInstanceUid}`} fz="sm">
        {personName(row.patientName) || row.patientId || words.unnamed}
      </Anchor>
    ),
  },
  { header: words.patientId, cell: ({ patientId }) => patientId ?? '' },
  { header: words.issuer, cell: ({ issuerOfPatientId }) => issuerOfPatientId ?? '' },
  ...sexAndAge<Schemas['PatientRow']>(),
  { header: words.born, className: 'nowrap', cell: ({ patientBirthDate }) => dicomDate(patientBirthDate) ?? '' },
  { header: words.modalities, cell: ({ modalities }) => modalities.join(', ') },
  { header: words.studies, className: 'number', cell: ({ studies }) => wholeNumber(studies) },
  { header: words.images, className: 'number', cell: ({ instances }) => wholeNumber(instances) },
  created,
  updated,
];

export const graphColumns: readonly Column<Schemas['PublishingGraph']>[] = [
  { header: words.id, cell: ({ id }) => <Uid value={id} to={`/status/graphs/${id}`} /> },
  { header: words.publisher, cell: ({ publisher }) => publisher },
  { header: words.status, cell: (graph) => <Status status={graph.status} running={graph.tasks.running > 0} /> },
  {
    header: words.progress,
    cell: ({ delivered, selected, instances }) => <Progress done={delivered} total={selected} of={instances} />,
  },
  {
    header: words.reference,
    cell: ({ unit, referenceUid, studyInstanceUid }) => (
      <>
        {strings.units[unit]} <Uid value={referenceUid} to={placeOfUnit(unit, referenceUid, studyInstanceUid)} />
      </>
    ),
  },
  failureOrNote,
  created,
  updated,
];

export function placeOfUnit(unit: string, referenceUid: string, studyInstanceUid: string): string {
  if (unit === 'series') return `/status/series/${referenceUid}`;
  if (unit === 'instance') return `/status/images/${referenceUid}`;
  return `/status/studies/${studyInstanceUid}`;
}

/** A task may wait for each batch of a graph. */
const mostDeps = 3;

export const taskColumns: readonly Column<Schemas['PublishingTask']>[] = [
  { header: words.id, cell: ({ id }) => <Uid value={id} to={`/status/tasks/${id}`} /> },
  { header: words.graph, cell: ({ graph }) => <Uid value={graph} to={`/status/graphs/${graph}`} /> },
  { header: words.type, className: 'nowrap', cell: ({ type }) => strings.taskTypes[type] },
  { header: words.publisher, cell: ({ publisher }) => publisher },
  {
    header: words.deps,
    cell: ({ deps }) => strings.firstOf(deps.slice(0, mostDeps).join(', '), deps.length, mostDeps),
  },
  {
    header: words.status,
    cell: ({ status, runningOn }) => <Status status={status} running={runningOn !== undefined} />,
  },
  { header: words.progress, cell: ({ done, total }) => <Progress done={done} total={total} /> },
  failureOrNote,
  created,
  updated,
];

export const resultColumns: readonly Column<Schemas['PublishingResult']>[] = [
  { header: words.became, cell: ({ status }) => <BecameOf status={status} /> },
  { header: words.answer, cell: ({ answer }) => answer },
  {
    header: words.storedAs,
    cell: ({ stored }) =>
      stored && <Uid value={stored.sopInstanceUid} to={`/status/images/${stored.sopInstanceUid}`} />,
  },
  { header: words.at, className: 'nowrap', cell: ({ at }) => moment(at) },
];
