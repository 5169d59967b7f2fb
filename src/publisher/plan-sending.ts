import type { SendingPlan } from '../index/publishing-graphs.ts';
import type { Configuration, Publisher } from './configuration.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import { sendingPlan } from './sending-plan.ts';

/** One whose settings cannot work is planned all the same: the upload will say what is wrong with them. */
export async function planSending(
  destinations: DestinationsInUse,
  publisher: Publisher,
  configuration: Configuration,
): Promise<SendingPlan> {
  try {
    return await destinations.use(publisher, configuration, async (destination) =>
      sendingPlan(publisher, configuration, destination),
    );
  } catch {
    return sendingPlan(publisher, configuration, { confirm: undefined, results: undefined });
  }
}
