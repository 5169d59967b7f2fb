import { peek } from '../../kernel/peek.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Exchange } from '../exchange.ts';
import { partContentType } from '../multipart-writer.ts';
import { sendBody } from '../send-body.ts';
import type { Delivery } from './deliver-instance.ts';
import { locationOf } from './instance-offers.ts';

/** Makes another instance of what would go out; it has no URL of its own then. */
type ContentChange = (content: AsyncIterable<Uint8Array>, transferSyntaxUid: string) => AsyncIterable<Uint8Array>;

/** Answers with one instance, without packaging. @throws what keeps its first bytes from coming */
export async function sendInstance(
  { response, baseUrl }: Exchange,
  instance: Parameters<Retrieve['file']>[0],
  { offer, content }: Delivery,
  change?: ContentChange,
): Promise<void> {
  const file = await peek<Uint8Array>(change ? change(content(), offer.transferSyntaxUid) : content());
  response.setHeader('Content-Type', partContentType('application/dicom', offer.transferSyntaxUid));
  if (offer.form === 'stored' && !change) response.setHeader('Content-Length', instance.size);
  const location = change ? undefined : locationOf(offer, baseUrl, instance);
  if (location !== undefined) response.setHeader('Content-Location', location);
  await sendBody(response, file.all);
}
