import { useQuery } from '@tanstack/react-query';
import { Navigate, Route, Routes } from 'react-router';
import { answered, api } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { intervals } from '../intervals.ts';
import { Failure } from '../shared/failure.tsx';
import { Tabs } from '../shared/tabs.tsx';
import type { TablePage } from '../shared/use-table-page.ts';
import { strings } from '../strings.ts';
import { totalInWords } from '../total.ts';
import { GraphDetails } from './graph-details.tsx';
import { ImageDetails } from './image-details.tsx';
import { PatientDetails } from './patient-details.tsx';
import { SeriesDetails } from './series-details.tsx';
import { StudyDetails } from './study-details.tsx';
import { GraphsTable, ImagesTable, PatientsTable, SeriesTable, StudiesTable, TasksTable } from './tables.tsx';
import { TaskDetails } from './task-details.tsx';

const first = { params: { query: { limit: 1 } } } as const;

/** The six tables, and what their rows lead to. */
export default function StatusPage() {
  return (
    <>
      <Levels />
      <Routes>
        <Route index element={<Navigate to="/status/studies" replace />} />
        <Route path="images" element={<ImagesTable />} />
        <Route path="series" element={<SeriesTable />} />
        <Route path="studies" element={<StudiesTable />} />
        <Route path="patients" element={<PatientsTable />} />
        <Route path="graphs" element={<GraphsTable />} />
        <Route path="tasks" element={<TasksTable />} />
        <Route path="images/:uid" element={<ImageDetails />} />
        <Route path="series/:uid" element={<SeriesDetails />} />
        <Route path="studies/:uid" element={<StudyDetails />} />
        <Route path="patient" element={<PatientDetails />} />
        <Route path="graphs/:id" element={<GraphDetails />} />
        <Route path="tasks/:id" element={<TaskDetails />} />
        <Route path="*" element={<Failure error={new Error(strings.errors.noSuchPlace)} />} />
      </Routes>
    </>
  );
}

function Levels() {
  const { data: { totals } = {} } = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => answered(api.GET('/api/status', { signal })),
    refetchInterval: intervals.tables,
  });
  const patients = useTotal('patients', (signal) => answered(api.GET('/api/patients', { ...first, signal })));
  const graphs = useTotal('graphs', (signal) => answered(api.GET('/api/graphs', { ...first, signal })));
  const tasks = useTotal('tasks', (signal) => answered(api.GET('/api/tasks', { ...first, signal })));
  const levels = [
    ['images', totals && wholeNumber(totals.instances)],
    ['series', totals && wholeNumber(totals.series)],
    ['studies', totals && wholeNumber(totals.studies)],
    ['patients', patients],
    ['graphs', graphs],
    ['tasks', tasks],
  ] as const;
  return (
    <Tabs
      label={strings.status.levels}
      tabs={levels.map(([level, count]) => ({ to: `/status/${level}`, label: strings.status[level].plural, count }))}
    />
  );
}

/** @returns undefined until it is counted, and where it could not be */
function useTotal(key: string, read: (signal: AbortSignal) => Promise<TablePage<unknown>>): string | undefined {
  const queryFn = ({ signal }: { readonly signal: AbortSignal }) => read(signal);
  const { data } = useQuery({ queryKey: [key, 'total'], queryFn, refetchInterval: intervals.tables });
  return data && totalInWords(data, data.items.length);
}
