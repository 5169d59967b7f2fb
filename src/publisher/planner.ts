import type { ArrivalStore, Replay, UnitAtRest } from '../index/publishing-arrivals.ts';
import type { GraphPlan } from '../index/publishing-graphs.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { createWakingLoop, type WakingLoop } from '../kernel/waking-loop.ts';
import type { Configuration, CurrentConfiguration, Publisher } from './configuration.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import { planSending } from './plan-sending.ts';
import { filtersOf, uploadOf } from './sending-plan.ts';

export interface PlannerParts {
  readonly arrivals: ArrivalStore;
  readonly configuration: CurrentConfiguration;
  readonly destinations: DestinationsInUse;
  readonly clock: Clock;
  /** Told of each graph that was made or has got more to do; undefined: of some that a replay made. */
  readonly onGraph: (graphId: string | undefined) => void;
  readonly log: Log;
  readonly pollMs?: number;
  /** While there are no publishers: a change of the configuration wakes it. */
  readonly idlePollMs?: number;
}

/** Makes graphs of what has arrived and come to rest, and of replays. On every node; one at a time does it. */
export interface Planner extends WakingLoop {
  /** Plans all that there is to plan now. */
  plan(): Promise<void>;
}

/** Changes that are read in one transaction. */
const readAtOnce = 2_000;
/** Units of each publisher that are looked up at once, and those of a replay that share a transaction. */
const unitsAtOnce = 50;

export function createPlanner(parts: PlannerParts): Planner {
  const {
    arrivals,
    configuration: current,
    destinations,
    clock,
    onGraph,
    log,
    pollMs = 1_000,
    idlePollMs = 15_000,
  } = parts;
  let forgottenFor = -1;
  let isIdle = false;

  /** @returns whether a replay goes on: what arrives meanwhile does not wait for its end */
  async function round(signal?: AbortSignal): Promise<boolean> {
    const { version, configuration } = await readArrived(signal);
    const enabled = configuration.publishers.filter((publisher) => publisher.enabled);
    if (enabled.length > 0) await planAtRest(enabled, configuration, version, signal);
    return planReplay(configuration, version);
  }

  /**
   * Reads each page of the feed for the publishers that there are then: what a new one is to have does not go past it.
   * @returns the configuration of the last page
   */
  async function readArrived(signal: AbortSignal | undefined) {
    for (;;) {
      const latest = await current.latest();
      const { version: configurationVersion, configuration } = latest;
      // What arrives for one that is disabled is remembered until it is enabled.
      const readers = { configurationVersion, publishers: configuration.publishers.map(({ name }) => name) };
      isIdle = readers.publishers.length === 0;
      if (forgottenFor !== configurationVersion) {
        if (await arrivals.keepOnly(readers)) forgottenFor = configurationVersion;
        await arrivals.follow(configurationVersion, !isIdle);
      }
      if (isIdle || signal?.aborted) return latest;
      const read = await arrivals.read(readers, readAtOnce, clock.now());
      if (read !== 'outdated' && read !== readAtOnce) return latest;
    }
  }

  async function planAtRest(
    publishers: readonly Publisher[],
    configuration: Configuration,
    version: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    while (!signal?.aborted) {
      const now = clock.now();
      const expecting = publishers.map((publisher) => ({
        publisher: publisher.name,
        unit: publisher.unit,
        quietSince: new Date(now.getTime() - uploadOf(publisher, configuration).quietSeconds * 1000),
      }));
      const units = await arrivals.atRest(expecting, unitsAtOnce);
      for (const unit of units) {
        if (signal?.aborted) return;
        const publisher = publishers.find(({ name }) => name === unit.publisher)!;
        const graph = await arrivals.plan(unit, await planOf(publisher, configuration, version, unit), clock.now());
        if (graph !== undefined) onGraph(graph);
      }
      if (units.length < unitsAtOnce) return;
    }
  }

  async function planOf(
    publisher: Publisher,
    configuration: Configuration,
    version: number,
    { studyInstanceUid, seriesInstanceUid }: Pick<UnitAtRest, 'studyInstanceUid' | 'seriesInstanceUid'>,
    replay?: Replay,
  ): Promise<GraphPlan> {
    return {
      publisher: publisher.name,
      unit: seriesInstanceUid === undefined ? 'study' : 'series',
      origin: replay === undefined ? 'arrival' : 'replay',
      referenceUid: seriesInstanceUid ?? studyInstanceUid,
      studyInstanceUid,
      seriesInstanceUid,
      ...(replay?.expression !== undefined && { expression: replay.expression }),
      isFiltered: filtersOf(publisher, configuration, replay?.expression).length > 0,
      again: replay?.again ?? false,
      sending: await planSending(destinations, publisher, configuration),
      configurationVersion: version,
    };
  }

  async function planReplay(configuration: Configuration, version: number): Promise<boolean> {
    const replay = await arrivals.nextReplay();
    if (replay === undefined) return false;
    const { publisher: name } = replay;
    const publisher = configuration.publishers.find((one) => one.name === name);
    if (publisher === undefined) {
      // One that was configured since this round began is planned in the next.
      if ((await current.latest()).version !== version) return true;
      log.warn('a replay is for a publisher that is no longer configured', { replay: replay.id, publisher: name });
      await arrivals.failReplay(replay.id);
      return true;
    }
    const template = await planOf(
      publisher,
      configuration,
      version,
      { studyInstanceUid: '', seriesInstanceUid: undefined },
      replay,
    );
    const ofUnit = ({
      studyInstanceUid,
      seriesInstanceUid,
    }: Pick<UnitAtRest, 'studyInstanceUid' | 'seriesInstanceUid'>) => ({
      ...template,
      unit: publisher.unit,
      referenceUid: seriesInstanceUid ?? studyInstanceUid,
      studyInstanceUid,
      seriesInstanceUid,
    });
    const planned = await arrivals.continueReplay(replay, publisher.unit, ofUnit, unitsAtOnce, clock.now());
    if (planned === undefined) return false;
    onGraph(undefined);
    return true;
  }

  const loop: WakingLoop = createWakingLoop({
    async work(signal) {
      if (await round(signal)) loop.wake();
    },
    pollMs: () => (isIdle ? idlePollMs : pollMs),
    log,
    trouble: 'planning waits for the moment',
  });
  return {
    ...loop,
    async plan() {
      while (await round());
    },
  };
}
