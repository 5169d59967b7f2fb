import type { CommitmentReport } from '../../dicom/commitment-data-set.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import { type CalledPeer, calledPeer } from '../../dimse/scu/called-peer.ts';
import type { Scu } from '../../dimse/scu/create-scu.ts';
import type { SendingParts } from '../../dimse/send-instance.ts';
import { storageCommitment } from '../../dimse/storage-commitment.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { groupBy } from '../../kernel/group-by.ts';
import type { Peers } from '../../peers/peers.ts';
import type { DestinationSettings } from '../configuration.ts';
import type { ConfirmOutcome, Destination, OutgoingInstance, Sending, SendOutcome } from '../destination.ts';
import { testAddress, testInSteps } from './connection-steps.ts';
import { countedFile, sentFile } from './sent-file.ts';
import { storeVerdict } from './store-reasons.ts';

type DimseSettings = Extract<DestinationSettings, { kind: 'dimse' }>;

export interface DimseParts {
  readonly scu: Pick<Scu, 'sendFiles' | 'commit' | 'find' | 'echo' | 'accepted'>;
  readonly peers: Pick<Peers, 'get'>;
  /** For a report of storage commitment, which some give after a look at their disks. */
  readonly commitmentMs?: number | undefined;
}

const defaultCommitmentMs = 120_000;
/** UIDs of a query: an Identifier is small, and a list of UIDs has its limit in many archives. */
const uidsAtOnce = 50;
const anySopClass = '1.2.840.10008.5.1.4.1.1.7';

/**
 * C-STORE to a known peer, and storage commitment or C-FIND to confirm.
 * @see PS3.4 annexes B, C and J
 */
export function createDimseDestination(settings: DimseSettings, { scu, peers, commitmentMs }: DimseParts): Destination {
  /** Asked for each time, as peers may change at run time. */
  async function known(): Promise<CalledPeer & { readonly transferSyntaxUids: readonly string[] }> {
    const peer = await peers.get(settings.peer).catch((thrown: unknown) => {
      if (!(thrown instanceof CausewayError) || thrown.code !== 'not-found') throw thrown;
      throw new CausewayError('bad-request', `There is no known peer ${settings.peer}.`, { cause: thrown });
    });
    try {
      return { ...calledPeer(peer), transferSyntaxUids: peer.transferSyntaxUids };
    } catch (thrown) {
      throw new CausewayError('bad-request', `The peer ${settings.peer} has no port to call.`, { cause: thrown });
    }
  }

  async function committed(batch: ConfirmedBatch, sending: Sending): Promise<ConfirmOutcome[]> {
    const references = batch.map(({ sopClassUid, sopInstanceUid }) => ({ sopClassUid, sopInstanceUid }));
    const waiting = { timeoutMs: commitmentMs ?? defaultCommitmentMs, signal: sending.signal };
    let report: CommitmentReport;
    try {
      report = await scu.commit(await known(), references, waiting, sending.log);
    } catch (thrown) {
      if (!(thrown instanceof CausewayError)) throw thrown;
      if (thrown.code === 'sop-class-unsupported') {
        const message = `The peer ${settings.peer} offers no storage commitment: confirm by C-FIND.`;
        throw new CausewayError('bad-request', message, { cause: thrown });
      }
      if (thrown.details.limit !== 'commitmentTimeoutMs') throw thrown;
      // It takes what it is sent, and needs longer to promise: it is not out of reach.
      const { message } = thrown;
      return batch.map(({ sopInstanceUid }) => ({ sopInstanceUid, status: 'unknown', answer: message }));
    }
    const failed = new Map(report.failed.map(({ sopInstanceUid, failureReason }) => [sopInstanceUid, failureReason]));
    const confirmed = new Set(report.committed.map(({ sopInstanceUid }) => sopInstanceUid));
    return batch.map(({ sopInstanceUid }) => {
      const reason = failed.get(sopInstanceUid);
      if (reason !== undefined) {
        const status = couldNotLook.has(reason) ? 'unknown' : 'missing';
        return { sopInstanceUid, status, answer: notCommitted(reason) };
      }
      return confirmed.has(sopInstanceUid)
        ? { sopInstanceUid, status: 'confirmed', answer: 'The receiver has committed to it' }
        : { sopInstanceUid, status: 'unknown', answer: 'The report of the receiver does not name it' };
    });
  }

  async function found(
    batch: ConfirmedBatch,
    { log, alive }: Pick<Sending, 'log' | 'alive'>,
  ): Promise<ConfirmOutcome[]> {
    const peer = await known();
    const there = new Set<string>();
    const look = async (identifier: DicomJson): Promise<void> => {
      for await (const match of scu.find(peer, identifier, log)) {
        alive?.();
        for (const uid of textValues(match.identifier['00080018'])) there.add(uid);
      }
    };
    for (const series of groupBy(batch, (one) => `${one.studyInstanceUid}/${one.seriesInstanceUid}`).values()) {
      const { studyInstanceUid, seriesInstanceUid } = series[0]!;
      const uids = series.map(({ sopInstanceUid }) => sopInstanceUid);
      for (let at = 0; at < uids.length; at += uidsAtOnce) {
        await look(imageIdentifier(studyInstanceUid, seriesInstanceUid, uids.slice(at, at + uidsAtOnce)));
      }
      // Archives that know no lists of UIDs find nothing by one.
      if (uids.some((uid) => !there.has(uid))) await look(imageIdentifier(studyInstanceUid, seriesInstanceUid, []));
    }
    return batch.map(({ sopInstanceUid }) =>
      there.has(sopInstanceUid)
        ? { sopInstanceUid, status: 'confirmed', answer: 'C-FIND finds it' }
        : { sopInstanceUid, status: 'missing', answer: 'C-FIND does not find it' },
    );
  }

  return {
    async *send(batch, sending) {
      const { transferSyntaxUids, ...peer } = await known();
      const { parts, sentOf } = partsOf(sending);
      const options = { transferSyntaxUids, signal: sending.signal, unreachableThrows: true };
      const told = new Set<string>();
      for await (const { instance, response, reason } of scu.sendFiles(
        peer,
        () => eachOf(batch),
        parts,
        options,
        sending.log,
      )) {
        told.add(instance.sopInstanceUid);
        const sent = sentOf(instance);
        yield {
          sopInstanceUid: instance.sopInstanceUid,
          ...(response === undefined
            ? withoutResponse(reason)
            : storeVerdict(response.status ?? 0x0110, response.errorComment)),
          ...(sent === undefined ? {} : { sent }),
        };
      }
      if (told.size < batch.length) throw new CausewayError('aborted', 'Sending was ended.');
    },
    confirm: (batch, sending) => (settings.commitment ? committed(batch, sending) : found(batch, sending)),
    results: undefined,
    test: ({ signal, log }) =>
      testInSteps(async (step) => {
        let called: CalledPeer | undefined;
        await step('peer known', async () => {
          called = await known();
          return `${called.aeTitle} at ${called.host}:${called.port}`;
        });
        const peer = called!;
        // The certificate is looked at when the association is opened, by the key and authorities of DICOM.
        await testAddress(step, { host: peer.host, port: peer.port, tls: undefined }, signal);
        await step(peer.tls === undefined ? 'C-ECHO answered' : 'certificate trusted, C-ECHO answered', async () => {
          return `within ${Math.ceil(await scu.echo(peer, log))} ms`;
        });
        const wanted = [anySopClass, ...(settings.commitment ? [storageCommitment.sopClassUid] : [])];
        let taken: readonly string[] = [];
        await step('instances taken', async () => {
          taken = await scu.accepted(peer, wanted, log);
          if (taken.includes(anySopClass)) return 'it takes Secondary Capture images';
          throw new CausewayError(
            'sop-class-unsupported',
            'The peer takes no Secondary Capture images: is it an archive?',
          );
        });
        if (!settings.commitment) return;
        await step('storage commitment offered', async () => {
          if (taken.includes(storageCommitment.sopClassUid)) return 'it takes requests for storage commitment';
          const message = 'The peer offers no storage commitment: confirm by C-FIND.';
          throw new CausewayError('sop-class-unsupported', message);
        });
      }),
    // Associations belong to all who call the peer.
    async close() {},
  };
}

type ConfirmedBatch = Parameters<NonNullable<Destination['confirm']>>[0];

async function* eachOf<T>(values: readonly T[]): AsyncGenerator<T, void, void> {
  yield* values;
}

/** Files as they are, or in another transfer syntax where the peer takes no other: then it is noted what has left. */
function partsOf(sending: Sending) {
  const converted = new WeakMap<OutgoingInstance, () => NonNullable<SendOutcome['sent']>>();
  const parts: SendingParts<OutgoingInstance> = {
    file: (instance) => sentFile(instance, sending),
    producible: ({ otherwise }) => otherwise?.transferSyntaxUids ?? [],
    async converted(instance, transferSyntaxUid) {
      const counted = countedFile(await instance.otherwise!.open(transferSyntaxUid), sending);
      converted.set(instance, () => ({ transferSyntaxUid, ...counted.sent() }));
      return counted.content;
    },
  };
  return { parts, sentOf: (instance: OutgoingInstance) => converted.get(instance)?.() };
}

/**
 * `malformed` is the file, which has an odd number of bytes or cannot be converted: what the peer does against the protocol
 * ends the association, or keeps it from being opened.
 */
const forGood = new Set(['sop-class-unsupported', 'transfer-syntax-unsupported', 'stored-file-damaged', 'malformed']);

/** Why there is no answer: the peer would never take it, or something went wrong on the way. */
function withoutResponse(reason: CausewayError | undefined): Pick<SendOutcome, 'status' | 'answer'> {
  const isForGood = reason !== undefined && forGood.has(reason.code);
  return { status: isForGood ? 'refused' : 'failed', answer: reason?.message ?? 'There was no answer.' };
}

function imageIdentifier(study: string, series: string, sopInstanceUids: readonly string[]): DicomJson {
  return {
    '00080018': { vr: 'UI', ...(sopInstanceUids.length === 0 ? {} : { Value: [...sopInstanceUids] }) },
    '00080052': { vr: 'CS', Value: ['IMAGE'] },
    '0020000D': { vr: 'UI', Value: [study] },
    '0020000E': { vr: 'UI', Value: [series] },
  };
}

/** Failure Reason (0008,1197). PS3.3 §C.14.1.1 */
const commitmentFailures: Readonly<Record<number, string>> = {
  272: 'the receiver did not manage to look',
  274: 'the receiver does not have it',
  281: 'the receiver has it as another SOP Class',
  290: 'the receiver does not take its SOP Class',
  305: 'the receiver was asked so before',
  531: 'the receiver is short of resources',
};

/** What says nothing of whether it has it. */
const couldNotLook: ReadonlySet<number> = new Set([0x0110, 0x0131, 0x0213]);

function notCommitted(reason: number): string {
  const words = commitmentFailures[reason] ?? 'for a reason that the Standard does not know';
  return `Not committed: ${words} (${reason.toString(16).toUpperCase().padStart(4, '0')})`;
}
