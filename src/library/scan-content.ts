import type { ScannedInstance } from '../dicom/scanned-instance.ts';
import { createInstanceScan } from '../ingest/inflating.ts';
import type { FileContent } from './file-content.ts';

/** Reads a DICOM file to its end. @throws CausewayError `not-dicom`, `malformed`, `truncated`, `limit-exceeded` */
export async function scanContent(content: FileContent): Promise<ScannedInstance> {
  const scan = createInstanceScan({ acceptBareDataSets: true });
  try {
    for await (const chunk of content.read()) await scan.push(chunk as Uint8Array);
    return await scan.end();
  } finally {
    scan.close();
  }
}
