import { Link } from 'react-router';
import type { Schemas } from '../api.ts';
import { duration, wholeNumber } from '../format.ts';
import { strings } from '../strings.ts';

type Task = Schemas['PublishingTask'];

const boxWidth = 176;
const boxHeight = 76;
const gapX = 56;
const gapY = 18;
const margin = 4;
/** Of one column; the table below has all. */
const mostRows = 12;

interface Placed {
  readonly task: Task;
  readonly x: number;
  readonly y: number;
}

/** The tasks of a graph, each to the right of what it waits for. */
export function TaskGraph({ tasks }: { readonly tasks: readonly Task[] }) {
  const columns = layers(tasks);
  const shown = columns.map((column) => column.slice(0, mostRows));
  const placed = new Map<string, Placed>();
  for (const [columnAt, column] of shown.entries()) {
    for (const [rowAt, task] of column.entries()) {
      placed.set(task.id, {
        task,
        x: margin + columnAt * (boxWidth + gapX),
        y: margin + rowAt * (boxHeight + gapY),
      });
    }
  }
  const rows = Math.max(1, ...shown.map((column) => column.length));
  const hidden = tasks.length - placed.size;
  const width = 2 * margin + columns.length * (boxWidth + gapX) - gapX;
  const height = 2 * margin + rows * (boxHeight + gapY) - gapY;
  if (tasks.length === 0) return <p className="dim">{strings.noTasks}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="dag" tabIndex={0} aria-label={strings.way}>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: it holds links that each have a name */}
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 8 4 0 8z" fill="var(--mantine-color-dimmed)" />
          </marker>
        </defs>
        {[...placed.values()].flatMap(({ task, x, y }) =>
          task.deps.flatMap((dep) => {
            const from = placed.get(dep);
            if (from === undefined) return [];
            const [x1, y1] = [from.x + boxWidth, from.y + boxHeight / 2];
            const [x2, y2] = [x, y + boxHeight / 2];
            const path = `M${x1} ${y1}C${x1 + gapX / 2} ${y1} ${x2 - gapX / 2} ${y2} ${x2} ${y2}`;
            return [<path key={`${dep} ${task.id}`} className="dag-edge" d={path} markerEnd="url(#arrow)" />];
          }),
        )}
        {[...placed.values()].map((one) => (
          <Box key={one.task.id} {...one} />
        ))}
      </svg>
      {hidden > 0 && <p className="dim">{strings.tasksHidden(hidden)}</p>}
    </section>
  );
}

function Box({ task, x, y }: Placed) {
  const state = task.runningOn === undefined ? task.status : 'RUNNING';
  const took = timeOf(task);
  const counted = task.total > 0 ? strings.progress(wholeNumber(task.done), wholeNumber(task.total)) : '';
  const said = [strings.taskTypes[task.type], strings.statuses[state], counted, took, task.failure].filter(Boolean);
  return (
    <Link to={`/status/tasks/${task.id}`}>
      <g className={`s-${state}`} transform={`translate(${x} ${y})`}>
        <title>{said.join('\n')}</title>
        <rect className="dag-box" width={boxWidth} height={boxHeight} rx={10} stroke="currentColor" />
        <rect width={6} height={boxHeight - 20} x={10} y={10} rx={3} fill="currentColor" />
        <text x={26} y={24} fontSize={14} fontWeight={600}>
          {strings.taskTypes[task.type]}
        </text>
        <text x={26} y={43} fontSize={12} style={{ fill: 'currentColor' }} fontWeight={600}>
          {strings.statuses[state]}
          {task.attempts > 0 && state !== 'SUCCESS' ? ` · ${strings.attempts(task.attempts)}` : ''}
        </text>
        <text x={26} y={60} fontSize={12} className="dag-dim">
          {[counted, took].filter(Boolean).join(' · ')}
        </text>
        {state === 'RUNNING' && task.total > 0 && (
          <rect
            x={26}
            y={66}
            height={4}
            rx={2}
            width={((boxWidth - 40) * Math.min(task.done, task.total)) / task.total}
            fill="currentColor"
          />
        )}
      </g>
    </Link>
  );
}

/** How long it took, or has taken so far. */
function timeOf({ startedAt, finishedAt, runningOn }: Task): string {
  if (startedAt === undefined) return '';
  if (finishedAt !== undefined) return duration(Date.parse(finishedAt) - Date.parse(startedAt));
  return runningOn === undefined ? '' : duration(Date.now() - Date.parse(startedAt));
}

/** By how many tasks stand one after the other before each. */
function layers(tasks: readonly Task[]): Task[][] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const depths = new Map<string, number>();
  const columns: Task[][] = [];
  // The server gives tasks in an order in which what is waited for comes first; one that does not is drawn all the same.
  for (const task of tasks) {
    const before = task.deps.filter((dep) => byId.has(dep)).map((dep) => depths.get(dep) ?? 0);
    const depth = before.length === 0 ? 0 : Math.max(...before) + 1;
    depths.set(task.id, depth);
    while (columns.length <= depth) columns.push([]);
    columns[depth]!.push(task);
  }
  return columns;
}
