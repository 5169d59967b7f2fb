import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { duration, moment, wholeNumber } from '../format.ts';
import { intervals } from '../intervals.ts';
import { Facts } from '../shared/facts.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { Uid } from '../shared/uid.tsx';
import { strings } from '../strings.ts';
import { placeOfUnit, resultColumns, taskColumns, without } from './columns.tsx';
import { Details } from './details.tsx';
import { isUnderWay } from './is-under-way.ts';
import { Progress, Status } from './publishing-status.tsx';
import { PublishingTitle } from './publishing-title.tsx';
import { TaskGraph } from './task-graph.tsx';

const words = strings.columns;

export function GraphDetails() {
  const { id = '' } = useParams();
  return (
    <Details
      kind="graphs"
      id={id}
      read={(signal) => answered(api.GET('/api/graphs/{graph}', { params: { path: { graph: id } }, signal }))}
      isUnderWay={({ graph }) => isUnderWay(graph)}
    >
      {({ graph, tasks }) => <Graph key={id} graph={graph} tasks={tasks} />}
    </Details>
  );
}

function Graph({ graph, tasks }: Schemas['PublishingGraphWithTasks']) {
  const all = graph.tasks.INITIAL + graph.tasks.SUCCESS + graph.tasks.FAILED;
  return (
    <>
      <PublishingTitle
        title={strings.graphTitle(graph.id, graph.publisher)}
        path={[
          { label: strings.status.graphs.plural, to: '/status/graphs' },
          { label: strings.status.studies.singular, to: `/status/studies/${graph.studyInstanceUid}` },
        ]}
        status={graph.status}
        failure={graph.failure}
        note={graph.note}
        retry={() => answered(api.POST('/api/graphs/{graph}/retry', { params: { path: { graph: graph.id } } }))}
      />
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
        <TableCard
          id="tasks-of"
          caption={strings.status.tasks.plural}
          columns={without(taskColumns, words.graph, words.publisher)}
          rows={tasks}
          keyOf={({ id }) => id}
        >
          {all > tasks.length && (
            <p className="dim empty">
              {strings.table.onlyFirst(tasks.length, all)}{' '}
              <Link to={`/status/tasks?graph=${graph.id}`}>{strings.allTasks(all)}</Link>
            </p>
          )}
        </TableCard>
        <Results graph={graph} />
      </div>
    </>
  );
}

/** What came back, where something has, or could not be had. */
function Results({ graph }: { readonly graph: Schemas['PublishingGraph'] }) {
  const { data, error } = useQuery({
    queryKey: ['graphs', 'results', graph.id],
    queryFn: () => answered(api.GET('/api/results', { params: { query: { graph: graph.id, limit: 1000 } } })),
    refetchInterval: isUnderWay(graph) ? intervals.underWay : intervals.tables,
  });
  if (error === null && (data === undefined || data.total === 0)) return null;
  return (
    <TableCard
      id="results-of"
      caption={strings.results}
      error={error}
      columns={resultColumns}
      rows={data?.items}
      keyOf={({ id }) => id}
    >
      {data !== undefined && data.total > data.items.length && (
        <p className="dim empty">{strings.table.onlyFirst(data.items.length, data.total)}</p>
      )}
    </TableCard>
  );
}
