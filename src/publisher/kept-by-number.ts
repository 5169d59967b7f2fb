import { parsePrivateAttribute } from '../dicom/private-attribute.ts';
import { isPrivateNumber } from '../dicom/profile-exceptions.ts';
import type { BodyError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Configuration } from './configuration.ts';
import { pointer } from './configuration-problem.ts';
import type { Configurations } from './configurations.ts';

/**
 * Private attributes that are to be kept by their numbers alone. They are not: a number is another attribute with another
 * creator, and may be one with a name in it. A configuration may be older than this rule, and has to be told as well.
 */
export function keptByNumber({ upload, publishers }: Pick<Configuration, 'upload' | 'publishers'>): BodyError[] {
  const found = (whose: string, keep: readonly string[], ...steps: (string | number)[]) =>
    keep.flatMap((attribute, at) => {
      if (parsePrivateAttribute(attribute) !== undefined || !isPrivateNumber(attribute)) return [];
      const [group, element] = [attribute.slice(0, 4), attribute.slice(6)].map((digits) => digits.toUpperCase());
      const path = pointer(...steps, 'upload', 'deidentify', 'keep', at);
      const message = `The private attribute ${attribute} that ${whose} keeps is that of whoever has reserved the block: write it with its creator, such as ${group},xx${element} SIEMENS MR HEADER.`;
      return [{ path, message }];
    });
  return [
    ...found('the site', upload.deidentify.keep),
    ...publishers.flatMap((publisher, at) =>
      found(publisher.name, publisher.upload.deidentify?.keep ?? [], 'publishers', at),
    ),
  ];
}

/** Tells of what is not kept, in the log once for each version of the configuration. @returns a function to ask for it in words */
export function createKeptByNumberWarning(
  current: Pick<Configurations, 'read'>,
  log: Log,
): () => Promise<string | undefined> {
  let warnedOf: number | undefined;
  return async () => {
    const { version, configuration } = await current.read();
    const problems = keptByNumber(configuration);
    if (problems.length === 0) return undefined;
    if (warnedOf !== version) log.warn('private attributes are not kept', { version, problems });
    warnedOf = version;
    return `Not kept when instances are de-identified: ${problems.map(({ message }) => message).join(' ')}`;
  };
}
