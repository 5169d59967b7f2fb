import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { BodyError } from '../kernel/errors.ts';
import type { Configuration, Publisher } from './configuration.ts';
import { pointer } from './configuration-problem.ts';
import { endpointOf } from './endpoint-of.ts';
import { isDeidentified, uploadOf } from './sending-plan.ts';

/**
 * What is wrong with the purge of a configuration: publishers that are not there, those that never confirm anything, so that
 * nothing would ever be deleted, and those of which a confirmation proves nothing, as what arrives changed elsewhere is no
 * reason to delete the original here. Asked before every purge as well: a
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
  if (!publisher.confirm) {
    return `${name} does not ask its receiver for confirmation (confirm): nothing would ever be proven to be there.`;
  }
  if (neverConfirms(publisher, configuration)) {
    return `The receiver of ${name} cannot be asked what it has: nothing would ever be proven to be there.`;
  }
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

/** Kinds of destinations without `confirm`. */
function neverConfirms(publisher: Publisher, configuration: Configuration): boolean {
  const { kind } = publisher.destination;
  return kind === 'hl7' || kind === 'webhook' || endpointOf(publisher, configuration)?.computePer === 'series';
}
