import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { BodyError } from '../kernel/errors.ts';
import type { Configuration } from './configuration.ts';
import { pointer } from './configuration-problem.ts';
import { isDeidentified, uploadOf } from './sending-plan.ts';

/**
 * What is wrong with the purge of a configuration: publishers that are not there, and those of which a confirmation proves
 * nothing, as what arrives changed elsewhere is no reason to delete the original here. Asked before every purge as well: a
 * configuration may be older than a rule.
 */
export function purgeProblems(configuration: Configuration): BodyError[] {
  return (configuration.purge?.deliveredTo ?? []).flatMap((name, at) => {
    const message = purgeProblem(name, configuration);
    return message === undefined ? [] : [{ path: pointer('purge', 'deliveredTo', at), message }];
  });
}

function purgeProblem(name: string, configuration: Configuration): string | undefined {
  const publisher = configuration.publishers.find((one) => one.name === name);
  if (publisher === undefined) return `There is no publisher ${name}.`;
  const upload = uploadOf(publisher, configuration);
  const { transferSyntaxUid } = upload;
  const change = isDeidentified(upload)
    ? 'de-identified'
    : transferSyntaxUid !== undefined && transferSyntax(transferSyntaxUid)?.lossy
      ? 'with lossy compression'
      : undefined;
  if (change === undefined) return undefined;
  return `${name} gets instances ${change}: what it confirms does not prove that the original is elsewhere.`;
}
