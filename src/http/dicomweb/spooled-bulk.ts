import type { BulkContent } from '../../dicom/sent-bulk.ts';
import type { Spool } from '../../kernel/spool-file.ts';

/** Puts a content behind what the spool has. */
export async function spooled(spool: Spool, content: AsyncIterable<Uint8Array>): Promise<BulkContent> {
  const start = spool.size;
  for await (const chunk of content) await spool.append(chunk);
  return { length: spool.size - start, read: (offset, length) => spool.read(start + offset, length) };
}

/** The beginning of a content in memory; all of it if it is not longer. */
export async function headOf(content: BulkContent, maxBytes: number): Promise<Buffer> {
  return bytesAt(content, 0, Math.min(maxBytes, content.length));
}

export async function bytesAt(content: BulkContent, offset: number, length: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.read(offset, length)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
