import { useQuery } from '@tanstack/react-query';
import { answered, api } from '../api.ts';
import { strings } from '../strings.ts';
import { graphColumns, imageColumns, patientColumns, seriesColumns, studyColumns, taskColumns } from './columns.tsx';
import { type Choice, ListView } from './list-view.tsx';

const words = strings.status;

// PS3.3 §C.7.3.1.1.1, those that sites have most.
const modality: Choice = {
  name: 'modality',
  label: words.filters.modality,
  options:
    'CR CT DX ES IO IVUS MG MR NM OCT OP OT PT PX RF RG SC SM US XA XC DOC KO PR SEG SR RTDOSE RTIMAGE RTPLAN RTSTRUCT ECG'
      .split(' ')
      .map((value) => ({ value, label: value })),
};
const status: Choice = {
  name: 'status',
  label: words.filters.status,
  options: (['INITIAL', 'SUCCESS', 'FAILED'] as const).map((value) => ({ value, label: strings.statuses[value] })),
};
const study: Choice = { name: 'study', label: words.filters.study };
const series: Choice = { name: 'series', label: words.filters.series };
const graph: Choice = { name: 'graph', label: words.filters.graph };
const patient: Choice = { name: 'patient', label: words.filters.patient };

export function ImagesTable() {
  return (
    <ListView
      kind="images"
      title={words.images.plural}
      columns={imageColumns}
      keyOf={({ sopInstanceUid }) => sopInstanceUid}
      choices={[modality, { name: 'callingAeTitle', label: words.filters.sender }, patient]}
      read={(query, signal) => answered(api.GET('/api/images', { params: { query }, signal }))}
    />
  );
}

export function SeriesTable() {
  return (
    <ListView
      kind="series"
      title={words.series.plural}
      columns={seriesColumns}
      keyOf={({ seriesInstanceUid }) => seriesInstanceUid}
      choices={[modality, patient]}
      read={(query, signal) => answered(api.GET('/api/series', { params: { query }, signal }))}
    />
  );
}

export function StudiesTable() {
  return (
    <ListView
      kind="studies"
      title={words.studies.plural}
      columns={studyColumns}
      keyOf={({ studyInstanceUid }) => studyInstanceUid}
      choices={[modality, patient]}
      read={(query, signal) => answered(api.GET('/api/studies', { params: { query }, signal }))}
    />
  );
}

export function PatientsTable() {
  const sexes = (['F', 'M', 'O'] as const).map((value) => ({ value, label: words.sexes[value] }));
  return (
    <ListView
      kind="patients"
      title={words.patients.plural}
      columns={patientColumns}
      keyOf={({ studyInstanceUid }) => studyInstanceUid}
      choices={[{ name: 'sex', label: words.filters.sex, options: sexes }]}
      read={(query, signal) => answered(api.GET('/api/patients', { params: { query }, signal }))}
    />
  );
}

/** Publishers that are configured now; those of older graphs can be typed into the address. */
function usePublisherChoice(): Choice {
  const { data } = useQuery({
    queryKey: ['configuration', 'plain'],
    queryFn: ({ signal }) => answered(api.GET('/api/config', { signal })),
  });
  const names = (data?.publishers ?? []).map(({ name }) => ({ value: name, label: name }));
  return { name: 'publisher', label: words.filters.publisher, options: names };
}

export function GraphsTable() {
  const publisher = usePublisherChoice();
  return (
    <ListView
      kind="graphs"
      title={words.graphs.plural}
      columns={graphColumns}
      keyOf={({ id }) => id}
      choices={[status, publisher, study]}
      read={(query, signal) => answered(api.GET('/api/graphs', { params: { query: query as never }, signal }))}
    />
  );
}

export function TasksTable() {
  const publisher = usePublisherChoice();
  const types = (Object.keys(strings.taskTypes) as (keyof typeof strings.taskTypes)[]).map((value) => ({
    value,
    label: strings.taskTypes[value],
  }));
  return (
    <ListView
      kind="tasks"
      title={words.tasks.plural}
      columns={taskColumns}
      keyOf={({ id }) => id}
      choices={[status, { name: 'type', label: words.filters.type, options: types }, publisher, graph, study, series]}
      read={(query, signal) => answered(api.GET('/api/tasks', { params: { query: query as never }, signal }))}
    />
  );
}
