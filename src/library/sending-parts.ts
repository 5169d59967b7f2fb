import { buffer } from 'node:stream/consumers';
import type { SendableInstance, SendingParts } from '../dimse/send-instance.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { FileContent } from './file-content.ts';
import type { FileConverter } from './file-converter.ts';

export interface SendingPartsOptions<I> {
  contentOf(instance: I): FileContent;
  /** Undefined where files are sent as they are or not at all. */
  readonly converter: FileConverter | undefined;
  /** Told when an instance is about to go out in another transfer syntax than its file has. */
  onConverted?(instance: I, transferSyntaxUid: string): void;
}

/** Files on their way to a peer: as they are, or converted without loss where the peer takes nothing else. */
export function sendingParts<I extends SendableInstance>({
  contentOf,
  converter,
  onConverted,
}: SendingPartsOptions<I>): SendingParts<I> {
  return {
    file: (instance) => contentOf(instance).read(),
    // All of it as it is now: that it is no longer as long as it was shows only so.
    dataSet: async (instance) => {
      const { dataSetOffset } = instance;
      if (dataSetOffset === undefined) throw new CausewayError('internal', 'Where the data set begins is not known.');
      return (await buffer(contentOf(instance).read())).subarray(dataSetOffset);
    },
    producible: (instance) => converter?.producible(instance) ?? [],
    async converted(instance, transferSyntaxUid) {
      if (converter === undefined) throw new CausewayError('internal', 'Nothing is to be converted.');
      const file = await converter.converted(instance, contentOf(instance), transferSyntaxUid);
      onConverted?.(instance, transferSyntaxUid);
      return file;
    },
  };
}
