import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync } from 'node:zlib';
import type { DicomJson } from '../dicom/json-model.ts';
import { dicomJsonText } from '../dicom/json-text.ts';

/** Below this, deflating takes less time than handing it to another thread. */
const deflateAtOnceBytes = 131_072;
const availableTransferSyntaxUid = '00083002';

/** Half the time of the default level for a twentieth more bytes. */
const deflating = { level: 4 };

const deflateBeside = promisify<string, { level: number }, Buffer>(deflateRaw);

/**
 * The metadata of an instance as it is stored: DICOM JSON text, raw deflate. Says in Available Transfer Syntax UID
 * (0008,3002) how the instance is kept, which viewers need to choose a decoder.
 */
export async function deflatedMetadata(attributes: DicomJson, transferSyntaxUid: string): Promise<Buffer> {
  const text = dicomJsonText({
    ...attributes,
    [availableTransferSyntaxUid]: { vr: 'UI', Value: [transferSyntaxUid] },
  });
  return text.length < deflateAtOnceBytes ? deflateRawSync(text, deflating) : deflateBeside(text, deflating);
}
