import { Link, useParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { duration, moment } from '../format.ts';
import { Facts } from '../shared/facts.tsx';
import { Uid } from '../shared/uid.tsx';
import { strings } from '../strings.ts';
import { Details } from './details.tsx';
import { Progress, Status } from './publishing-status.tsx';
import { PublishingTitle } from './publishing-title.tsx';

const words = strings.columns;

export function TaskDetails() {
  const { id = '' } = useParams();
  return (
    <Details
      kind="tasks"
      id={id}
      read={(signal) => answered(api.GET('/api/tasks/{task}', { params: { path: { task: id } }, signal }))}
      isUnderWay={({ status }) => status === 'INITIAL'}
    >
      {(task) => <Task key={id} task={task} />}
    </Details>
  );
}

function Task({ task }: { readonly task: Schemas['PublishingTask'] }) {
  const { startedAt, finishedAt } = task;
  return (
    <>
      <PublishingTitle
        title={strings.taskTitle(strings.taskTypes[task.type], task.id)}
        path={[
          { label: strings.status.tasks.plural, to: '/status/tasks' },
          { label: strings.graphTitle(task.graph, task.publisher), to: `/status/graphs/${task.graph}` },
        ]}
        status={task.status}
        failure={task.failure}
        retry={() => answered(api.POST('/api/tasks/{task}/retry', { params: { path: { task: task.id } } }))}
      />
      <section className="card" aria-label={strings.details}>
        <Facts
          facts={[
            [words.id, task.id],
            [words.graph, <Uid key="graph" value={task.graph} to={`/status/graphs/${task.graph}`} />],
            [words.type, strings.taskTypes[task.type]],
            [words.status, <Status key="status" status={task.status} running={task.runningOn !== undefined} />],
            [words.progress, <Progress key="progress" done={task.done} total={task.total} />],
            [strings.note, task.note],
            [
              words.deps,
              task.deps.length > 0 && (
                <span key="deps">
                  {task.deps.map((dep) => (
                    <Link key={dep} to={`/status/tasks/${dep}`} className="dep">
                      {dep}
                    </Link>
                  ))}
                </span>
              ),
            ],
            [words.attempts, task.attempts],
            [words.due, task.dueAt && moment(task.dueAt)],
            [words.node, task.runningOn],
            [
              words.study,
              <Uid key="study" value={task.studyInstanceUid} to={`/status/studies/${task.studyInstanceUid}`} />,
            ],
            [words.started, startedAt && moment(startedAt)],
            [words.finished, finishedAt && moment(finishedAt)],
            [words.duration, startedAt && finishedAt && duration(Date.parse(finishedAt) - Date.parse(startedAt))],
            [words.created, moment(task.createdAt)],
            [words.updated, moment(task.updatedAt)],
          ]}
        />
      </section>
    </>
  );
}
