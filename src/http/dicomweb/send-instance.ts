import type { Retrieve } from '../../retrieve/retrieve.ts';
import { type Exchange, urlOf } from '../exchange.ts';
import { partContentType } from '../multipart-writer.ts';
import { peek } from '../peek.ts';
import { sendBody } from '../send-body.ts';

/** Answers with the file of one instance as it is stored, without packaging. */
export async function sendInstance(
  { response, baseUrl }: Exchange,
  retrieve: Retrieve,
  instance: Parameters<Retrieve['file']>[0],
): Promise<void> {
  const file = await peek<Uint8Array>(retrieve.file(instance));
  response.setHeader('Content-Type', partContentType('application/dicom', instance.transferSyntaxUid));
  response.setHeader('Content-Length', instance.size);
  response.setHeader('Content-Location', urlOf(baseUrl, instance));
  await sendBody(response, file.all);
}
