import { ApiError, dicomweb, retryAfterMs } from '../api.ts';
import { strings } from '../strings.ts';

/** What became of one instance, as the answer of STOW-RS has it (PS3.18 Annex I). */
export interface StoredInstance {
  readonly sopInstanceUid: string | undefined;
  /** `kept`: it was not stored, as what is there already with other content stays. */
  readonly fate: 'stored' | 'kept' | 'refused';
  /** Why not, or what is to be known about it, in the words of the server. */
  readonly comment: string | undefined;
}

export interface StoreAnswer {
  readonly instances: readonly StoredInstance[];
  /** Of the whole request. */
  readonly warnings: readonly string[];
}

interface StoreRequest {
  readonly body: Blob;
  readonly contentType: string;
  readonly signal: AbortSignal;
  /** @param part of the body that has been sent, 0 to 1 */
  readonly onProgress: (part: number) => void;
}

/**
 * One STOW-RS request. The body is made of files, which the browser reads while it sends them.
 * @throws ApiError where the server refused it as a whole or did not answer
 */
export function store({ body, contentType, signal, onProgress }: StoreRequest): Promise<StoreAnswer> {
  return new Promise((resolve, reject) => {
    // What has happened already is not told to who listens later.
    signal.throwIfAborted();
    // fetch does not tell how much it has sent.
    const request = new XMLHttpRequest();
    request.open('POST', dicomweb('/studies'));
    request.setRequestHeader('Content-Type', contentType);
    request.setRequestHeader('Accept', 'application/dicom+json');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const answer = parsed(request.responseText);
      const warnings = warningTexts(request.getResponseHeader('Warning'));
      const hasOutcomes = answer !== undefined && ('00081198' in answer || '00081199' in answer);
      if (hasOutcomes) resolve({ instances: instancesOf(answer), warnings });
      else if (request.status >= 400) {
        reject(
          new ApiError(
            request.status,
            (answer ?? {}) as object,
            retryAfterMs(request.getResponseHeader('Retry-After')),
          ),
        );
      } else resolve({ instances: [], warnings });
    };
    request.onerror = () => reject(new ApiError(0, { detail: strings.errors.noAnswer }));
    request.onabort = () => reject(new ApiError(0, { detail: strings.upload.givenUp }));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}

/** A body of `multipart/related` over files, without reading any. */
export function multipartOf(files: readonly File[]): { readonly body: Blob; readonly contentType: string } {
  const boundary = `causeway-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const parts = files.flatMap((file) => [
    `--${boundary}\r\nContent-Type: application/dicom\r\nContent-Length: ${file.size}\r\n\r\n`,
    file,
    '\r\n',
  ]);
  return {
    body: new Blob([...parts, `--${boundary}--\r\n`]),
    contentType: `multipart/related; type="application/dicom"; boundary=${boundary}`,
  };
}

type DataSet = Readonly<Record<string, { readonly Value?: readonly unknown[] } | undefined>>;

function parsed(text: string): DataSet | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as DataSet) : undefined;
  } catch {
    return undefined;
  }
}

/** Warning Reason (0008,1196) of what was accepted and discarded: B006, of PS3.18 Table I.2-2. */
const elementsDiscarded = 0xb006;

/** @param answer the Store Instances Response Module (PS3.18 Annex I) */
export function instancesOf(answer: DataSet): StoredInstance[] {
  const sequence = (tag: string, fateOf: (item: DataSet) => StoredInstance['fate']) =>
    ((answer[tag]?.Value ?? []) as DataSet[]).map((item) => {
      const uid = item['00081155']?.Value?.[0];
      const comment = item['00000902']?.Value?.join(' ');
      return { sopInstanceUid: uid === undefined ? undefined : String(uid), fate: fateOf(item), comment };
    });
  return [
    ...sequence('00081199', (item) => (item['00081196']?.Value?.includes(elementsDiscarded) ? 'kept' : 'stored')),
    ...sequence('00081198', () => 'refused'),
  ];
}

/** `299 host: text` (PS3.18 §8.5.1). */
function warningTexts(header: string | null): string[] {
  return header === null
    ? []
    : header.split(/, (?=299 )/).map((one) => one.replace(/^299 \S+ /, '').replace(/^"|"$/g, ''));
}
