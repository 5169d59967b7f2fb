import { createHash, randomUUID } from 'node:crypto';
import { uidOfUuid } from '../../src/dicom/uuid-uid.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { OutgoingInstance, ResultsUnit, Sending, SendOutcome } from '../../src/publisher/destination.ts';
import { type BuiltElement, buildPart10, ctElements } from './dicom-builder.ts';

export interface TestInstance extends OutgoingInstance {
  readonly file: Buffer;
}

export interface TestInstanceOptions {
  readonly study?: string;
  readonly series?: string;
  readonly elements?: readonly BuiltElement[];
}

export function newUid(): string {
  return uidOfUuid(randomUUID());
}

/** A small CT instance with UIDs that no other has, on its way out. */
export function outgoingInstance({ study, series, elements = [] }: TestInstanceOptions = {}): TestInstance {
  const uids = { study: study ?? newUid(), series: series ?? newUid(), instance: newUid() };
  const file = buildPart10({ elements: ctElements(uids, ...elements) });
  return {
    studyInstanceUid: uids.study,
    seriesInstanceUid: uids.series,
    sopInstanceUid: uids.instance,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    size: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
    file,
    async *open() {
      // In two pieces, as files come in pieces.
      yield file.subarray(0, 100);
      yield file.subarray(100);
    },
  };
}

/** So many of one series. */
export function outgoingSeries(count: number, options: TestInstanceOptions = {}): TestInstance[] {
  const uids = { study: options.study ?? newUid(), series: options.series ?? newUid() };
  return Array.from({ length: count }, () => outgoingInstance({ ...options, ...uids }));
}

/** What is asked for results of it, as if nothing else had ever left or come back. */
export function unitOf(
  { studyInstanceUid, seriesInstanceUid, sopInstanceUid }: Omit<OutgoingInstance, 'open'>,
  over: Partial<ResultsUnit> = {},
): ResultsUnit {
  return {
    studyInstanceUid,
    seriesInstanceUids: [seriesInstanceUid],
    sopInstanceUids: [sopInstanceUid],
    known: async () => new Set(),
    everSent: async () => new Set(),
    ...over,
  };
}

/** Its file is not what it was when it was prepared. */
export function damaged(instance: TestInstance): TestInstance {
  async function* open(): AsyncGenerator<Uint8Array, void, void> {
    const file = Buffer.from(instance.file);
    file[file.length - 1]! ^= 1;
    yield file;
  }
  return { ...instance, open };
}

export function sending(over: Partial<Sending> = {}): Sending {
  return { signal: new AbortController().signal, log: silentLog, throttle: async () => {}, ...over };
}

export async function outcomesOf(outcomes: AsyncIterable<SendOutcome>): Promise<SendOutcome[]> {
  const all: SendOutcome[] = [];
  for await (const outcome of outcomes) all.push(outcome);
  return all;
}
