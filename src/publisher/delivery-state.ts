import type { DeliverySummary } from '../index/deliveries.ts';
import type { Configuration } from './configuration.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import { planSending } from './plan-sending.ts';

/** How far the delivery of a study to a publisher is. */
export interface DeliveryState extends DeliverySummary {
  /** Selected, and not there as far as is known. */
  readonly missing: number;
  /** Something was selected, all of it is there, and nothing is under way or still to be planned. */
  readonly complete: boolean;
}

export async function deliveryState(
  destinations: DestinationsInUse,
  configuration: Configuration,
  summary: DeliverySummary,
): Promise<DeliveryState> {
  const { selected, accepted, confirmed, denied, inDoubt, underWay, unplanned, arriving } = summary;
  const isAsked = await isConfirmed(destinations, configuration, summary.publisher);
  const missing = selected - (isAsked ? confirmed : accepted - denied - inDoubt);
  const isDecided = underWay === 0 && unplanned === 0 && !arriving;
  return { ...summary, missing, complete: selected > 0 && missing === 0 && isDecided };
}

/** Whether the receiver is to be asked, and can be. */
async function isConfirmed(
  destinations: DestinationsInUse,
  configuration: Configuration,
  name: string,
): Promise<boolean> {
  const publisher = configuration.publishers.find((one) => one.name === name);
  if (publisher === undefined) return false;
  return (await planSending(destinations, publisher, configuration)).ofBatch.includes('confirm');
}
