import { createHash } from 'node:crypto';
import { groupBy } from '../../kernel/group-by.ts';
import { isObject, jsonObject } from './json-object.ts';
import { printable } from './store-reasons.ts';

/** What the API says to an upload. */
export type UploadAnswer =
  | {
      readonly kind: 'taken';
      /** How many instances of the series it has, if it says so; undefined where it does not name the series. */
      readonly series: ReadonlyMap<string, number | undefined> | undefined;
    }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'not-taken'; readonly words: string }
  /** It is no answer of such an API. */
  | { readonly kind: 'foreign' };

/** What it says when it is asked for results. */
export type ResultsAnswer =
  | { readonly kind: 'ready'; readonly files: readonly CloudFile[] }
  | { readonly kind: 'not-yet' }
  /** Nobody has asked for the computation: some want to be asked. */
  | { readonly kind: 'not-begun' }
  | { readonly kind: 'not-uploaded' }
  | { readonly kind: 'access-denied' }
  /** It will never have any. */
  | { readonly kind: 'failed'; readonly words: string }
  | { readonly kind: 'foreign' };

export interface CloudFile {
  /** The same each time that it is named, though signed URLs change. */
  readonly id: string;
  /** As the API calls it: `sc`, `sr`, `pdf`, … */
  readonly kind: string;
  readonly url: string;
  readonly mediaType: string;
}

export function readUploadAnswer(status: number, body: string): UploadAnswer {
  const answer = jsonObject(body);
  if (answer === undefined) return { kind: 'foreign' };
  const words = wordsOf(answer);
  if (isAccessDenied(answer, words)) return { kind: 'access-denied' };
  const named = answer['series_instance_uids'];
  const isTaken = status < 300 && answer['success'] !== false;
  if (isTaken && Array.isArray(named)) return { kind: 'taken', series: countsOf(named, answer['detailed_info']) };
  // Without the series, only its words tell whether it took anything.
  if (isTaken && (answer['success'] === true || /^success|uploaded success/i.test(words))) {
    return { kind: 'taken', series: undefined };
  }
  return { kind: 'not-taken', words };
}

function countsOf(named: readonly unknown[], detailed: unknown): Map<string, number | undefined> {
  const counts = new Map<string, number | undefined>(named.map((uid) => [String(uid), undefined]));
  for (const one of Array.isArray(detailed) ? (detailed as unknown[]) : []) {
    if (!isObject(one)) continue;
    const count = Number(one['NumberOfSeriesRelatedInstances']);
    if (Number.isInteger(count)) counts.set(String(one['SeriesInstanceUID']), count);
  }
  return counts;
}

/** @param about UID that was asked for */
export function readResultsAnswer(status: number, body: string, about: string): ResultsAnswer {
  const answer = jsonObject(body);
  if (answer === undefined) return { kind: 'foreign' };
  const words = wordsOf(answer);
  if (isAccessDenied(answer, words)) return { kind: 'access-denied' };
  if (answer['success'] === true && status === 200) return { kind: 'ready', files: filesOf(answer, about) };
  if (/not (yet )?been invoked|invoke it|not invoked/i.test(words)) return { kind: 'not-begun' };
  if (/not (yet )?(been )?uploaded|not found|does not exist|no such/i.test(words)) return { kind: 'not-uploaded' };
  if (
    status === 202 ||
    /under process|in process|in progress|processing|pending|queue|check back|not ready/i.test(words)
  ) {
    return { kind: 'not-yet' };
  }
  if (status === 404) return { kind: 'not-uploaded' };
  // Neither success nor failure is told: it is not what was asked.
  if (answer['success'] === undefined && status < 400) return { kind: 'foreign' };
  return { kind: 'failed', words: words === '' ? `status ${status}` : words };
}

function isAccessDenied(answer: Readonly<Record<string, unknown>>, words: string): boolean {
  return (
    answer['authenticated'] === false || /access denied|invalid token|not authenticated|permission denied/i.test(words)
  );
}

function wordsOf(answer: Readonly<Record<string, unknown>>): string {
  const { message, detail, debug_info: debug } = answer;
  const reason = isObject(debug) ? debug['reason'] : undefined;
  return [message, detail, reason]
    .filter((text): text is string => typeof text === 'string' && text !== '')
    .map((text) => printable(text))
    .join(', ');
}

const mediaTypes: Readonly<Record<string, string>> = {
  sc: 'application/dicom',
  sc_key_slices: 'application/dicom',
  sr: 'application/dicom',
  seg: 'application/dicom',
  gsps: 'application/dicom',
  pr: 'application/dicom',
  encapsulated_pdf: 'application/dicom',
  pdf: 'application/pdf',
  json: 'application/json',
  hl7: 'application/hl7-v2+er7',
  sc_png: 'image/png',
};

/** What signs a link to a file, and is another one each time: of S3, CloudFront, Google, Azure, Alibaba, Tencent and Akamai. */
const signing =
  /^(x-(amz|goog|oss)-.*|q-(sign-.*|ak|key-time|header-list|url-param-list|signature)|hdnt[ls]|hdnea|jwt|(aws|oss)accesskeyid|googleaccessid|signature|expires|policy|key-pair-id|(access_)?token|sig|s[epvrt]|sip|spr|ss|srt|sdd|sk(oid|tid|t|e|s|v)|s[acu]o?id)$/i;

function filesOf(answer: Readonly<Record<string, unknown>>, about: string): CloudFile[] {
  const { result } = answer;
  // Older ones have them a level above.
  const files = (isObject(result) ? result['files'] : undefined) ?? answer['files'];
  if (!isObject(files)) return [];
  const named = Object.entries(files)
    .flatMap(([kind, urls]) => (Array.isArray(urls) ? urls : [urls]).map((url: unknown) => ({ kind, url })))
    .flatMap(({ kind, url }) => {
      if (typeof url !== 'string' || !/^https?:/i.test(url) || !URL.canParse(url)) return [];
      const { host, pathname } = new URL(url);
      // `/files/report.pdf` says which file it is, `/download` does not.
      const namesFile = /\.[0-9a-z]{2,5}$/i.test(pathname);
      return [{ kind, url, namesFile, place: [about, kind, host, pathname].join('\n') }];
    });
  const filesAt = groupBy(named, ({ place }) => place);
  return named.map(({ kind, url, namesFile, place }) => {
    // Links are signed in more ways than are known: parameters count only where nothing else tells files apart.
    const own = namesFile && filesAt.get(place)!.length === 1 ? [] : ownParameters(url);
    const id = createHash('sha256')
      .update([place, ...own].join('\n'))
      .digest('hex');
    return { id, kind, url, mediaType: mediaTypes[kind.toLowerCase()] ?? 'application/octet-stream' };
  });
}

/** What in the query of a link may say which file it is; in whatever order, nothing where there is none. */
function ownParameters(url: string): string[] {
  const own = [...new URL(url).searchParams].filter(([name]) => !signing.test(name));
  return own.map(([name, value]) => `${name}=${value}`).sort();
}
