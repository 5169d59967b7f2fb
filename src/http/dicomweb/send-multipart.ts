import { peek } from '../../kernel/peek.ts';
import type { Exchange } from '../exchange.ts';
import { multipartBody, multipartContentType, newBoundary, type OutgoingPart } from '../multipart-writer.ts';
import { sendBody } from '../send-body.ts';

/**
 * Streams parts of one media type. The status may have been set.
 * @throws what keeps the first part from coming, before anything is sent
 */
export async function sendMultipart(
  { response }: Exchange,
  partType: string,
  parts: AsyncIterable<OutgoingPart> | Iterable<OutgoingPart>,
): Promise<void> {
  const boundary = newBoundary();
  const body = await peek(multipartBody(boundary, parts));
  response.setHeader('Content-Type', multipartContentType(partType, boundary));
  await sendBody(response, body.all);
}
