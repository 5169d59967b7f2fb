import { peek } from '../../kernel/peek.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Exchange } from '../exchange.ts';
import { partContentType } from '../multipart-writer.ts';
import { sendBody } from '../send-body.ts';
import { deliver } from './deliver-instance.ts';
import { type InstanceOffer, locationOf } from './instance-offers.ts';

/** Makes another instance of what would go out; it has no URL of its own then. */
type ContentChange = (content: AsyncIterable<Uint8Array>, transferSyntaxUid: string) => AsyncIterable<Uint8Array>;

/**
 * Answers with one instance, without packaging, in the best of the offers that can be had.
 * @throws CausewayError as `deliver`
 */
export async function sendInstance(
  { response, baseUrl }: Exchange,
  retrieve: Retrieve,
  instance: Parameters<Retrieve['file']>[0],
  offers: readonly InstanceOffer[],
  change?: ContentChange,
): Promise<void> {
  const { offer, content } = await deliver(retrieve, instance, offers);
  const file = await peek<Uint8Array>(change ? change(content(), offer.transferSyntaxUid) : content());
  response.setHeader('Content-Type', partContentType('application/dicom', offer.transferSyntaxUid));
  if (offer.form === 'stored' && !change) response.setHeader('Content-Length', instance.size);
  const location = change ? undefined : locationOf(offer, baseUrl, instance);
  if (location !== undefined) response.setHeader('Content-Location', location);
  await sendBody(response, file.all);
}
