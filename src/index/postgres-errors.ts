import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import { busyStudy } from './study-lock.ts';

/** Two transactions in each other's way: the loser does it again. */
const collisions = new Set(['40P01', '40001']);
/** Postgres stops, starts, recovers, or has no connection to spare; it ended the session. */
const absences = new Set([
  ...['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '53300', '08000', '08001', '08003', '08004', '08006'],
  // It was demoted to a standby: another is the primary now, and new connections lead there.
  '25006',
]);
const lostConnections = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT']);
const noSpace = new Set(['53100']);
/** Postgres ended the statement, not the session: it waited for a lock, or worked, for longer than it may. */
const lockTimeout = '55P03';
const statementTimeout = '57014';

function sqlStateOf(thrown: unknown): string {
  return thrown instanceof pg.DatabaseError ? (thrown.code ?? '') : '';
}

/** No such database, schema or table; a table of another version, without a column. */
const unmade = new Set(['3D000', '3F000', '42P01', '42703']);

/** Whether what was asked for is not made yet: nobody has migrated the database, or not to this version. */
export function isNotMade(thrown: unknown): boolean {
  return unmade.has(sqlStateOf(thrown));
}

/** The driver gave up waiting; see `answerTimeoutMs` of the pool. */
function isSilence(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'Query read timeout';
}

/** Whether Postgres, or the connection to it, was away: what the connection was used for is over, and it is of no more use. */
export function isAbsence(thrown: unknown): boolean {
  if (isSilence(thrown)) return true;
  if (absences.has(sqlStateOf(thrown)) || lostConnections.has(errnoOf(thrown) ?? '')) return true;
  // The driver has no code for a connection that ended under a query.
  return (
    thrown instanceof Error && /^(Connection terminated|Client has encountered a connection error)/.test(thrown.message)
  );
}

/** Whether Postgres is as it should be, and only a lock, such as that of a study, was waited for in vain. */
export function isHeldUp(thrown: unknown): boolean {
  return sqlStateOf(thrown instanceof CausewayError ? thrown.cause : thrown) === lockTimeout;
}

/** Delays before each new attempt when Postgres is away: enough for it to be started again and to recover. */
const absenceDelaysMs = [20, 50, 100, 200, 400, 800, 1600, 3200];
const maxCollisions = 10;
/** Who has waited in vain for an answer has waited long: a new connection is tried once. */
const maxSilences = 1;

/**
 * Does `work`, and does it again when it lost against another transaction or Postgres was away for a moment. The work
 * must bear being done twice, as an answer may be lost after the commit.
 * @throws CausewayError `unavailable`, `storage-full`; whatever else went wrong as it is
 */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  let collided = 0;
  let absent = 0;
  let silent = 0;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (collisions.has(sqlStateOf(thrown)) && ++collided <= maxCollisions) {
        await delay(Math.random() * 5 * collided);
      } else if (isSilence(thrown) && ++silent > maxSilences) {
        throw translated(thrown);
      } else if (isAbsence(thrown) && absent < absenceDelaysMs.length) {
        await delay(absenceDelaysMs[absent++]);
      } else {
        throw translated(thrown);
      }
    }
  }
}

/**
 * The same, and again while something else keeps a study busy: between the attempts the connection is free for others.
 * @throws CausewayError `unavailable` when it has been busy for too long, and as `persistently`
 */
export async function patiently<T>(work: () => Promise<T>, { pauseMs, mostMs } = busyStudy): Promise<T> {
  const until = performance.now() + mostMs;
  for (;;) {
    try {
      return await persistently(work);
    } catch (thrown) {
      if (!isHeldUp(thrown) || performance.now() >= until) throw thrown;
      await delay(pauseMs);
    }
  }
}

function translated(thrown: unknown): unknown {
  if (noSpace.has(sqlStateOf(thrown))) {
    return new CausewayError('storage-full', 'The database has no space left.', { cause: thrown });
  }
  if (isHeldUp(thrown) && !(thrown instanceof CausewayError)) {
    return new CausewayError('unavailable', 'Something else, such as a deletion, kept the study busy for too long.', {
      cause: thrown,
    });
  }
  if (sqlStateOf(thrown) === statementTimeout) {
    return new CausewayError('unavailable', 'The database takes too long.', { cause: thrown });
  }
  const isBusy = thrown instanceof Error && thrown.message.startsWith('timeout exceeded when trying to connect');
  if (isBusy) {
    return new CausewayError('unavailable', 'All connections to the database were busy for too long.', {
      cause: thrown,
    });
  }
  if (isAbsence(thrown) || collisions.has(sqlStateOf(thrown))) {
    return new CausewayError('unavailable', 'The database cannot be reached.', { cause: thrown });
  }
  return thrown;
}
