import type { DicomJson } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import { createInstanceScan } from '../../ingest/inflating.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { groupBy } from '../../kernel/group-by.ts';
import { isReport } from '../../report/is-report.ts';
import { reportText } from '../../report/report-text.ts';
import type { DestinationSettings } from '../configuration.ts';
import type { Destination, OutgoingInstance, Sending, SendOutcome } from '../destination.ts';
import { testAddress, testInSteps } from './connection-steps.ts';
import {
  type Hl7Acknowledgment,
  type Hl7Message,
  oruMessage,
  readAcknowledgment,
  type StudyToTell,
} from './hl7-message.ts';
import { defaultMllpLimits, type MllpLimits, sendByMllp } from './mllp.ts';
import { sentFile } from './sent-file.ts';
import { printable } from './store-reasons.ts';

type Hl7Settings = Extract<DestinationSettings, { kind: 'hl7' }>;

export interface Hl7Parts {
  readonly now: () => Date;
  /** Where people can look at a study; undefined where there is no such place, or its UIDs mean nothing there. */
  readonly urlOf: ((studyInstanceUid: string) => string) | undefined;
  readonly limits?: Partial<MllpLimits> | undefined;
}

/** Lines of a report that are told; what is longer is told to go on elsewhere. */
const maxReportLines = 5000;
/** Reports of a study whose text is told. */
const maxReports = 50;
/** Attributes of an instance that are read, in bytes. */
const maxMetadataBytes = 33_554_432;

/** Tells by HL7 v2 (ORU^R01 over MLLP) what is here of a study, with the text of its SR documents. */
export function createHl7Destination(settings: Hl7Settings, { now, urlOf, limits: given }: Hl7Parts): Destination {
  const limits = { ...defaultMllpLimits, ...given };

  async function told(message: Hl7Message, signal: AbortSignal): Promise<Pick<SendOutcome, 'status' | 'answer'>> {
    const answer = readAcknowledgment(await sendByMllp(settings, message.text, limits, signal));
    return verdict(answer, message.controlId);
  }

  return {
    wholeUnits: true,
    async *send(batch, sending) {
      for (const instances of groupBy(batch, ({ studyInstanceUid }) => studyInstanceUid).values()) {
        const study = await studyToTell(instances, urlOf, sending);
        const outcome = await told(oruMessage(study, settings, now()), sending.signal);
        for (const { sopInstanceUid } of instances) yield { sopInstanceUid, ...outcome };
      }
    },
    // HL7 v2 has no question to ask.
    confirm: undefined,
    results: undefined,
    test: ({ signal }) =>
      testInSteps(async (step) => {
        await testAddress(step, { ...settings, tls: settings.tls }, signal);
        await step('speaks HL7 by MLLP', async () => {
          const message = queryForNothing(settings, now());
          const answer = readAcknowledgment(await sendByMllp(settings, message.text, limits, signal));
          if (answer.code === undefined) {
            throw new CausewayError('bad-request', 'What it answers is no HL7 acknowledgment.');
          }
          return `a message without content was answered with ${printable(answer.code, 10)}`;
        });
      }),
    async close() {},
  };
}

/**
 * An acknowledgment is about one message: that of another one says nothing of ours. AR (and CR) may be for a reason that
 * passes, AE is about what is in the message; HL7 table 0357 says more where it is used.
 */
function verdict(answer: Hl7Acknowledgment, controlId: string): Pick<SendOutcome, 'status' | 'answer'> {
  const { code, errorCode } = answer;
  if (code === undefined) throw new CausewayError('unavailable', 'What the receiver answers is no HL7 acknowledgment.');
  if (answer.controlId !== controlId) {
    throw new CausewayError('unavailable', 'The receiver acknowledges another message than the one it was sent.');
  }
  const told = printable(answer.words);
  const words = `${errorCode === '' ? '' : ` (${printable(errorCode, 20)})`}${told === '' ? '' : `: ${told}`}`;
  switch (code) {
    case 'AA':
    case 'CA':
      return { status: 'accepted', answer: `Acknowledged (${code})` };
    case 'AE':
    case 'CE':
      return {
        // 207: application internal error; 206: application record locked.
        status: errorCode === '207' || errorCode === '206' ? 'failed' : 'refused',
        answer: `The receiver finds an error in the message: ${code}${words}`,
      };
    case 'AR':
    case 'CR':
      return {
        // 200 to 203: message type, event, processing id or version that is not supported.
        status: /^20[0-3]$/.test(errorCode) ? 'refused' : 'failed',
        answer: `The receiver rejects the message: ${code}${words}`,
      };
    default:
      return { status: 'failed', answer: `The receiver answers ${printable(code, 10)}, which HL7 does not know` };
  }
}

async function studyToTell(
  instances: readonly OutgoingInstance[],
  urlOf: Hl7Parts['urlOf'],
  sending: Sending,
): Promise<StudyToTell> {
  const { studyInstanceUid } = instances[0]!;
  const attributes = await attributesOf(instances[0]!, sending);
  const series: StudyToTell['series'][number][] = [];
  for (const [seriesInstanceUid, ofSeries] of groupBy(instances, (one) => one.seriesInstanceUid)) {
    const own = ofSeries[0] === instances[0] ? attributes : await attributesOf(ofSeries[0]!, sending);
    const modality = textValues(own['00080060'])[0] ?? '';
    series.push({ seriesInstanceUid, modality, instances: ofSeries.length });
  }
  const reports: StudyToTell['reports'][number][] = [];
  for (const document of instances.filter(isReport).slice(0, maxReports)) {
    reports.push(reportToTell(await attributesOf(document, sending)));
  }
  return { studyInstanceUid, series, attributes, url: urlOf?.(studyInstanceUid), reports };
}

function reportToTell(attributes: DicomJson): StudyToTell['reports'][number] {
  const lines: string[] = [];
  for (const piece of reportText(attributes)) {
    lines.push(...piece.replace(/\n$/, '').split('\n'));
    if (lines.length <= maxReportLines) continue;
    lines.length = maxReportLines;
    lines.push('(The document is longer than this message.)');
    break;
  }
  const [title] = attributes['0040A043']?.Value ?? [];
  return { title: textValues((title as DicomJson | undefined)?.['00080104'])[0] ?? '', lines };
}

async function attributesOf(instance: OutgoingInstance, sending: Sending): Promise<DicomJson> {
  const scan = createInstanceScan({ limits: { maxMetadataBytes } });
  // Nothing of the file itself leaves: it is read as fast as it can be.
  const unthrottled = { ...sending, throttle: async () => {} };
  try {
    for await (const chunk of sentFile(instance, unthrottled)) await scan.push(chunk);
    return (await scan.end()).attributes;
  } catch (thrown) {
    scan.close();
    throw thrown;
  }
}

/** An ORU without observations: what is acknowledged in whatever way shows that HL7 is spoken, and tells of nobody. */
function queryForNothing(settings: Hl7Settings, at: Date): Hl7Message {
  const message = oruMessage(
    { studyInstanceUid: '', series: [], attributes: {}, url: undefined, reports: [] },
    settings,
    at,
  );
  const [head = ''] = message.text.split('\r');
  // MSH-11 D: debugging.
  return { ...message, text: `${head.replace('|P|2.5.1|', '|D|2.5.1|')}\r` };
}
