import { tmpdir } from 'node:os';
import { locateFrame } from '../dicom/frame-location.ts';
import type { ScannedInstance } from '../dicom/scanned-instance.ts';
import type { FileInstance } from '../dimse/file-instances.ts';
import { createImaging } from '../imaging/create-imaging.ts';
import type { Imaging } from '../imaging/imaging.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { producibleSyntaxes } from '../retrieve/convert-instance.ts';
import { createConversions } from '../retrieve/create-conversions.ts';
import { createDataSetBytes } from '../retrieve/data-set-bytes.ts';
import type { FileContent } from './file-content.ts';
import { scanContent } from './scan-content.ts';

/** What tells a file's instance, and how it is encoded. */
export type FileIdentity = Pick<FileInstance, 'sopClassUid' | 'sopInstanceUid' | 'transferSyntaxUid'>;

/** Converts files to other transfer syntaxes as the server converts what it has stored. */
export interface FileConverter {
  /** Transfer syntaxes beside its own in which a file can be had, as far as its own tells. */
  producible(file: Pick<FileIdentity, 'transferSyntaxUid'>): readonly string[];
  /**
   * The whole Part 10 file in another transfer syntax, made as it is read. Resolves when it is known that it can be made.
   * @throws CausewayError `transfer-syntax-unsupported` with the reason, `decode-failed`, `timed-out`, and what reading the
   * file throws
   */
  converted(file: FileIdentity, content: FileContent, transferSyntaxUid: string): Promise<AsyncIterable<Uint8Array>>;
  /** Ends the threads that decode. */
  close(): Promise<void>;
}

/** As the server has it unless it is configured otherwise (`maxFrameBytes`). */
const maxFrameBytes = 512 * 2 ** 20;

/** Threads end soon after the last conversion, whether or not anybody closes them: they would keep the process. */
const idleTimeoutMs = 2_000;

/** Nothing is started before the first file is converted. */
export function createFileConverter(log: Log): FileConverter {
  let imaging: Imaging | undefined;

  return {
    producible: producibleSyntaxes,
    async converted(file, content, transferSyntaxUid) {
      const spooled = await content.spooled?.();
      if (spooled === undefined) return converted(file, content, transferSyntaxUid);
      try {
        return thenClosed(await converted(file, spooled, transferSyntaxUid), spooled);
      } catch (thrown) {
        await spooled.close();
        throw thrown;
      }
    },
    async close() {
      await imaging?.close();
      imaging = undefined;
    },
  };

  async function converted(file: FileIdentity, content: FileContent, transferSyntaxUid: string) {
    imaging ??= createImaging({ maxFrameBytes, idleTimeoutMs, log });
    const [scanned, size] = await Promise.all([scanContent(content), content.size()]);
    const blobs = {
      read: (_key: string, range?: { offset: number; length: number }) => content.read(range),
      readRange: (_key: string, offset: number, length: number) => content.readRange(offset, length),
    };
    const { decode, encode } = imaging;
    const conversions = createConversions({
      source: { blobs, bytes: createDataSetBytes(blobs), ...placesIn(scanned) },
      imaging: { decode },
      encode: (_instance, { number: frameNumber, encapsulated: _, ...stored }, uid) =>
        encode({ ...stored, frameNumber, attributes: scanned.attributes }, uid),
      maxFrameBytes,
      spoolFolder: { path: tmpdir() },
    });
    const instance: FileInstance = {
      ...file,
      studyInstanceUid: '',
      seriesInstanceUid: '',
      frames: scanned.pixelData?.frames ?? 0,
      blobKey: '',
      size,
      sha256: Buffer.alloc(0),
      dataSetOffset: scanned.dataSetOffset,
      deflated: scanned.deflated,
    };
    return conversions.converted(instance, transferSyntaxUid);
  }
}

async function* thenClosed(
  bytes: AsyncIterable<Uint8Array>,
  spooled: { close(): Promise<void> },
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* bytes;
  } finally {
    await spooled.close();
  }
}

/** What the server asks its index for. */
function placesIn({ attributes, pixelData, bulk }: ScannedInstance) {
  const values = new Map(bulk.map((value) => [value.path, value]));
  return {
    attributes: async () => attributes,
    async locateFrames(_instance: unknown, numbers: readonly number[]) {
      if (pixelData === undefined) throw new CausewayError('no-pixel-data', 'The instance has no Pixel Data.');
      const encapsulated = pixelData.kind === 'encapsulated';
      return numbers.map((number) => ({ number, ...locateFrame(pixelData, number), encapsulated }));
    },
    locate: async (_instance: unknown, path: string) => values.get(path),
  };
}
