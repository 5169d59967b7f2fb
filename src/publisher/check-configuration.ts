import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parsePrivateAttribute } from '../dicom/private-attribute.ts';
import { tagOfAttribute } from '../dicom/profile-exceptions.ts';
import type { BodyError } from '../kernel/errors.ts';
import type { Configuration, Deidentify, Publisher, TimeSpan, TlsOptions, Upload } from './configuration.ts';
import { pointer } from './configuration-problem.ts';
import { compileFilter } from './filter-language/compile-filter.ts';
import { filterProblemOf } from './filter-language/filter-problem.ts';
import { keptByNumber } from './kept-by-number.ts';
import { purgeProblems } from './purge-problems.ts';
import { uploadOf } from './sending-plan.ts';

/** What a configuration may refer to. */
export interface ConfigurationSurroundings {
  /** AE titles of known peers that can be called. */
  readonly peers: ReadonlySet<string>;
  /** UIDs of transfer syntaxes that can be produced. */
  readonly transferSyntaxUids: ReadonlySet<string>;
}

type Step = string | number;

/** What is wrong with a configuration beyond what its schema says: names that lead nowhere, and expressions that are none. */
export function checkConfiguration(configuration: Configuration, around: ConfigurationSurroundings): BodyError[] {
  const { api, filter, upload, publishers } = configuration;
  const endpoints = new Set(api.map(({ name }) => name));
  const names = new Set(publishers.map(({ name }) => name));
  return [
    ...sameNames(api, 'api'),
    ...api.flatMap(({ tls }, at) => checkTls(tls, ['api', at, 'tls'])),
    ...checkExpression(filter.expression, ['filter', 'expression']),
    ...checkUpload(upload, ['upload'], around),
    ...sameNames(publishers, 'publishers'),
    ...publishers.flatMap((publisher, at) => [
      ...checkPublisher(publisher, ['publishers', at], names, endpoints, around),
      ...checkUpload(ownUpload(publisher, configuration), ['publishers', at, 'upload'], around),
    ]),
    ...keptByNumber(configuration),
    ...purgeProblems(configuration),
  ];
}

/** What a publisher takes of the site's de-identification may not go with what it says itself. */
function ownUpload(publisher: Publisher, configuration: Configuration): Partial<Upload> {
  const { deidentify, ...own } = publisher.upload;
  return deidentify === undefined ? own : { ...own, deidentify: uploadOf(publisher, configuration).deidentify };
}

function problem(steps: readonly Step[], message: string): BodyError {
  return { path: pointer(...steps), message };
}

function sameNames(items: readonly { readonly name: string }[], section: string): BodyError[] {
  return items.flatMap(({ name }, at) => {
    const before = items.findIndex((item) => item.name.toLowerCase() === name.toLowerCase());
    return before === at ? [] : [problem([section, at, 'name'], `The name ${name} is given twice.`)];
  });
}

function unknownNames(named: readonly string[], steps: readonly Step[], publishers: ReadonlySet<string>): BodyError[] {
  return named.flatMap((name, at) =>
    publishers.has(name) ? [] : [problem([...steps, at], `There is no publisher ${name}.`)],
  );
}

function checkExpression(expression: string, steps: readonly Step[]): BodyError[] {
  try {
    compileFilter(expression);
    return [];
  } catch (thrown) {
    const found = filterProblemOf(thrown);
    if (found === undefined) throw thrown;
    return [{ path: pointer(...steps), message: found.message, from: found.from, till: found.till }];
  }
}

function checkUpload(
  { transferSyntaxUid, deidentify, schedule }: Partial<Upload>,
  steps: readonly Step[],
  { transferSyntaxUids }: ConfigurationSurroundings,
): BodyError[] {
  const problems = [
    ...(deidentify === undefined ? [] : checkDeidentify(deidentify, [...steps, 'deidentify'])),
    ...(schedule ?? []).flatMap((span, at) => checkSpan(span, [...steps, 'schedule', at])),
  ];
  if (transferSyntaxUid !== undefined && !transferSyntaxUids.has(transferSyntaxUid)) {
    const message = `Causeway does not produce the transfer syntax ${transferSyntaxUid}.`;
    problems.push(problem([...steps, 'transferSyntaxUid'], message));
  }
  return problems;
}

function checkSpan({ from, till }: TimeSpan, steps: readonly Step[]): BodyError[] {
  return from === till ? [problem([...steps, 'till'], 'The span ends when it begins; leave it out for always.')] : [];
}

/** Without these a data set is no DICOM any more, or its pseudonyms lead nowhere. */
const needed: ReadonlySet<string> = new Set(['00080016', '00080018', '0020000D', '0020000E']);

function checkDeidentify({ profile, alsoRemove, keep }: Deidentify, steps: readonly Step[]): BodyError[] {
  const lists = { alsoRemove, keep };
  const problems = Object.entries(lists).flatMap(([list, attributes]) =>
    attributes.flatMap((attribute, at) => {
      if (list === 'keep' && parsePrivateAttribute(attribute) !== undefined) return [];
      const tag = tagOfAttribute(attribute);
      if (tag === undefined) return [problem([...steps, list, at], `There is no attribute ${attribute}.`)];
      if (!needed.has(tag)) return [];
      const message = `${attribute} is always replaced by a pseudonym, or kept, as the instance would be none without it.`;
      return [problem([...steps, list, at], message)];
    }),
  );
  const removed = new Set(alsoRemove.map(tagOfAttribute));
  keep.forEach((attribute, at) => {
    const tag = tagOfAttribute(attribute);
    // What a publisher keeps is its own list; what it removes may be the site's.
    if (tag !== undefined && removed.has(tag)) {
      problems.push(problem([...steps, 'keep', at], `${attribute} is to be kept and to be removed.`));
    }
  });
  if (profile === 'none' && (alsoRemove.length > 0 || keep.length > 0)) {
    const message = 'Attributes are removed and kept by a profile: choose one, or leave the lists empty.';
    problems.push(problem([...steps, 'profile'], message));
  }
  return problems;
}

function checkPublisher(
  { name, expression, destination, retries, results }: Publisher,
  steps: readonly Step[],
  names: ReadonlySet<string>,
  endpoints: ReadonlySet<string>,
  around: ConfigurationSurroundings,
): BodyError[] {
  const problems = [
    ...checkExpression(expression, [...steps, 'expression']),
    ...('tls' in destination ? checkTls(destination.tls, [...steps, 'destination', 'tls']) : []),
    ...unknownNames(results?.publishBackTo ?? [], [...steps, 'results', 'publishBackTo'], names),
  ];
  if (destination.kind === 'api' && !endpoints.has(destination.endpoint)) {
    problems.push(problem([...steps, 'destination', 'endpoint'], `There is no endpoint ${destination.endpoint}.`));
  }
  if (destination.kind === 'dimse' && !around.peers.has(destination.peer)) {
    const message = `There is no peer ${destination.peer} with a port at which it can be called.`;
    problems.push(problem([...steps, 'destination', 'peer'], message));
  }
  if (retries.maxDelaySeconds < retries.firstDelaySeconds) {
    problems.push(problem([...steps, 'retries', 'maxDelaySeconds'], 'The longest delay is shorter than the first.'));
  }
  if (results !== undefined && destination.kind !== 'api' && destination.kind !== 'stow') {
    problems.push(problem([...steps, 'results'], `A destination of the kind ${destination.kind} makes no results.`));
  }
  const back = results?.publishBackTo.indexOf(name) ?? -1;
  if (back >= 0) {
    problems.push(problem([...steps, 'results', 'publishBackTo', back], 'Results do not go back to who made them.'));
  }
  return problems;
}

function checkTls(tls: TlsOptions | undefined, steps: readonly Step[]): BodyError[] {
  if (tls === undefined) return [];
  const problems: BodyError[] = [];
  const { ca, certificate, key } = tls;
  if (ca !== undefined && !isCertificate(ca))
    problems.push(problem([...steps, 'ca'], 'This is no certificate in PEM.'));
  const own = certificate === undefined ? undefined : certificateOf(certificate);
  if (certificate !== undefined && own === undefined) {
    problems.push(problem([...steps, 'certificate'], 'This is no certificate in PEM.'));
  }
  if ((certificate === undefined) !== (key === undefined)) {
    problems.push(problem(steps, 'A client certificate and its key go together.'));
  }
  const privateKey = key === undefined ? undefined : privateKeyOf(key);
  if (key !== undefined && privateKey === undefined) {
    problems.push(problem([...steps, 'key'], 'This is no private key in PEM without a passphrase.'));
  }
  if (own !== undefined && privateKey !== undefined && !own.checkPrivateKey(privateKey)) {
    problems.push(problem([...steps, 'key'], 'The key is not that of the certificate.'));
  }
  return problems;
}

function isCertificate(pem: string): boolean {
  return certificateOf(pem) !== undefined;
}

function certificateOf(pem: string) {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function privateKeyOf(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
