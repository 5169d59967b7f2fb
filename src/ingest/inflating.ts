import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { createPart10Scanner, type EarlyIdentity, type ScannerOptions } from '../dicom/part10-scanner.ts';
import type { ScannedInstance } from '../dicom/scanned-instance.ts';
import { asCausewayError, CausewayError, errnoOf } from '../kernel/errors.ts';

/** A Part 10 scan that also reads deflated data sets: the same calls for both. */
export interface InstanceScan {
  /**
   * Takes the next bytes of the file, whose memory may be used again as soon as the call is back.
   * @returns undefined if more may follow at once, else a promise to wait for; a refusal is thrown or rejects
   * @throws CausewayError as `Part10Scanner.push`
   */
  push(chunk: Uint8Array): Promise<void> | undefined;
  /** The bytes are complete. Rejects with a CausewayError as `Part10Scanner.end` throws. */
  end(): Promise<ScannedInstance>;
  /** Frees what an unfinished scan holds; safe at any time. */
  close(): void;
  readonly identity: EarlyIdentity;
}

/** Deflated data sets are inflated beside the event loop, a chunk at a time, so that a small file cannot become a large memory. */
export function createInstanceScan(options: Omit<ScannerOptions, 'inflate'> = {}): InstanceScan {
  let inflater: InflateRaw | undefined;
  let refusal: CausewayError | undefined;
  let pending: Promise<void> | undefined;

  const scanner = createPart10Scanner({
    ...options,
    inflate(output) {
      inflater = createInflateRaw();
      inflater.on('data', (inflated: Buffer) => {
        try {
          if (refusal === undefined) output(inflated);
        } catch (error) {
          refuse(asCausewayError(error));
        }
      });
      inflater.on('error', (cause) => refuse(notInflatable(cause)));
      return (deflated) => {
        pending = written(deflated);
      };
    },
  });

  function refuse(error: CausewayError): void {
    refusal ??= error;
    inflater?.destroy();
  }

  function written(deflated: Uint8Array): Promise<void> {
    // The inflater reads beside the event loop.
    const copy = Buffer.from(deflated);
    return settled((done) => inflater?.write(copy, done));
  }

  /** Waits for the inflater to take something, or to be gone. */
  function settled(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = () => (refusal ? reject(refusal) : resolve());
      if (refusal || !inflater || inflater.destroyed) {
        finish();
        return;
      }
      inflater.once('close', finish);
      start(() => {
        inflater?.off('close', finish);
        finish();
      });
    });
  }

  return {
    push(chunk) {
      if (refusal) throw refusal;
      pending = undefined;
      scanner.push(chunk);
      return pending;
    },
    async end() {
      if (refusal) throw refusal;
      if (inflater && !inflater.readableEnded) await settled((done) => inflater?.once('end', done).end());
      if (refusal) throw refusal;
      return scanner.end();
    },
    close() {
      inflater?.destroy();
    },
    get identity() {
      return scanner.identity;
    },
  };
}

function notInflatable(cause: Error): CausewayError {
  if (errnoOf(cause) === 'Z_BUF_ERROR') {
    return new CausewayError('truncated', 'The file ends inside its deflated data set.', { cause });
  }
  return new CausewayError('malformed', 'The data set behind the File Meta Information cannot be inflated.', { cause });
}
