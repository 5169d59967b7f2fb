import { Alert, Button, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { Link, useParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { duration, moment, wholeNumber } from '../format.ts';
import { DataTable } from '../shared/data-table.tsx';
import { Facts } from '../shared/facts.tsx';
import { Failure } from '../shared/failure.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Uid } from '../shared/uid.tsx';
import { strings } from '../strings.ts';
import { placeOfUnit, taskColumns } from './columns.tsx';
import { Details } from './details.tsx';
import { Progress, Status } from './publishing-status.tsx';
import { TaskGraph } from './task-graph.tsx';

const words = strings.columns;

export function GraphDetails() {
  const { id = '' } = useParams();
  return (
    <Details
      kind="graphs"
      id={id}
      read={() => answered(api.GET('/api/graphs/{graph}', { params: { path: { graph: id } } }))}
      isUnderWay={({ graph }) => graph.status === 'INITIAL'}
    >
      {({ graph, tasks }) => <Graph graph={graph} tasks={tasks} />}
    </Details>
  );
}

function Graph({ graph, tasks }: Schemas['PublishingGraphWithTasks']) {
  const queries = useQueryClient();
  const all = graph.tasks.INITIAL + graph.tasks.SUCCESS + graph.tasks.FAILED;
  const retrying = useMutation({
    mutationFn: () => answered(api.POST('/api/graphs/{graph}/retry', { params: { path: { graph: graph.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['graphs'] }),
  });
  return (
    <>
      <PageTitle
        path={[
          { label: strings.status.graphs.plural, to: '/status/graphs' },
          { label: strings.status.studies.singular, to: `/status/studies/${graph.studyInstanceUid}` },
        ]}
        actions={
          graph.status !== 'SUCCESS' && (
            <Button
              leftSection={<RotateCw size={16} aria-hidden="true" />}
              loading={retrying.isPending}
              onClick={() => retrying.mutate()}
            >
              {strings.actions.retry}
            </Button>
          )
        }
      >
        {strings.graphTitle(graph.id, graph.publisher)}
      </PageTitle>
      {retrying.error && <Failure error={retrying.error} />}
      {(graph.failure ?? graph.note) !== undefined && (
        <Alert
          color={graph.failure === undefined ? 'gray' : 'red'}
          mb="md"
          title={graph.failure === undefined ? strings.note : words.failure}
          styles={{ message: { color: 'var(--mantine-color-text)' } }}
        >
          {graph.failure ?? graph.note}
        </Alert>
      )}
      <div className="grid">
        <section className="card span-12" aria-labelledby="drawn">
          <Title order={2} size="h4" mb="sm" id="drawn">
            {strings.way}
          </Title>
          <TaskGraph tasks={tasks} />
        </section>
        <section className="card span-12" aria-label={strings.details}>
          <Facts
            facts={[
              [words.id, graph.id],
              [
                words.publisher,
                <Link key="to" to="/config/publishers">
                  {graph.publisher}
                </Link>,
              ],
              [words.status, <Status key="status" status={graph.status} running={graph.tasks.running > 0} />],
              [
                words.reference,
                <span key="reference">
                  {strings.units[graph.unit]}{' '}
                  <Uid
                    value={graph.referenceUid}
                    to={placeOfUnit(graph.unit, graph.referenceUid, graph.studyInstanceUid)}
                  />
                </span>,
              ],
              [words.origin, strings.origins[graph.origin]],
              [words.images, wholeNumber(graph.instances)],
              [words.selected, wholeNumber(graph.selected)],
              [words.progress, <Progress key="progress" done={graph.delivered} total={graph.selected} />],
              [
                words.configuration,
                <Link key="version" to="/config/history">
                  {graph.configurationVersion}
                </Link>,
              ],
              [words.created, moment(graph.createdAt)],
              [words.updated, moment(graph.updatedAt)],
              [
                words.duration,
                graph.finishedAt && duration(Date.parse(graph.finishedAt) - Date.parse(graph.createdAt)),
              ],
            ]}
          />
        </section>
        <section className="table-card span-12" aria-labelledby="tasks-of">
          <Title order={2} size="h4" p="md" pb={4} id="tasks-of">
            {strings.status.tasks.plural}
          </Title>
          <DataTable
            caption={strings.status.tasks.plural}
            columns={taskColumns.filter(({ header }) => header !== words.graph && header !== words.publisher)}
            rows={tasks}
            keyOf={({ id }) => id}
          />
          {all > tasks.length && (
            <p className="dim empty">
              {strings.table.onlyFirst(tasks.length, all)}{' '}
              <Link to={`/status/tasks?graph=${graph.id}`}>{strings.allTasks(wholeNumber(all))}</Link>
            </p>
          )}
        </section>
      </div>
    </>
  );
}
