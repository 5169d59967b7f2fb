import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { ProposedContext } from '../association/associate-request.ts';
import { numberedContexts } from './numbered-contexts.ts';

type Kind = Pick<Parameters<Retrieve['file']>[0], 'sopClassUid' | 'transferSyntaxUid'>;

/**
 * What to propose so that instances can be sent as they are stored, and converted where the peer takes no more: for each
 * SOP class one context for each transfer syntax that occurs, as the peer chooses one in a context, and for Explicit and
 * Implicit VR Little Endian. The latter come last, and go where there are more than 128.
 * PS3.8 §9.3.2.2, PS3.4 §B.4, PS3.5 §10.1.
 * @param preferred transfer syntaxes that the peer prefers, the best first: they are proposed instead of those that occur
 */
export async function contextsFor(
  instances: AsyncIterable<Kind>,
  preferred: readonly string[] = [],
): Promise<ProposedContext[]> {
  const syntaxesOfClass = new Map<string, Set<string>>();
  for await (const { sopClassUid, transferSyntaxUid } of instances) {
    // Of a file that cannot be read; it fails when its turn comes.
    if (sopClassUid === '') continue;
    const syntaxes = syntaxesOfClass.get(sopClassUid) ?? new Set();
    syntaxesOfClass.set(sopClassUid, syntaxes.add(transferSyntaxUid));
  }
  const pairs = (preferred.length > 0 ? ofEach(preferred, syntaxesOfClass) : asStored(syntaxesOfClass)).flatMap(
    ([abstractSyntaxUid, syntaxes]) =>
      [...syntaxes].map((syntax) => ({ abstractSyntaxUid, transferSyntaxUids: [syntax] })),
  );
  return numberedContexts(pairs);
}

type SyntaxesOfClass = readonly (readonly [string, Iterable<string>])[];

/** What cannot be had in any of these, for it has no pixels, say, goes in one that is not compressed. */
function ofEach(preferred: readonly string[], syntaxesOfClass: ReadonlyMap<string, unknown>): SyntaxesOfClass {
  const classes = [...syntaxesOfClass.keys()];
  const native = [transferSyntaxUids.explicitVrLittleEndian, transferSyntaxUids.implicitVrLittleEndian];
  const others = native.filter((uid) => !preferred.includes(uid));
  return [...classes.map((uid) => [uid, preferred] as const), ...classes.map((uid) => [uid, others] as const)];
}

function asStored(syntaxesOfClass: ReadonlyMap<string, Set<string>>): SyntaxesOfClass {
  const { explicitVrLittleEndian, implicitVrLittleEndian } = transferSyntaxUids;
  const classes = [...syntaxesOfClass].map(
    ([uid, syntaxes]) => [uid, new Set([...syntaxes, explicitVrLittleEndian])] as const,
  );
  const withoutImplicit = classes.filter(([, syntaxes]) => !syntaxes.has(implicitVrLittleEndian));
  return [...classes, ...withoutImplicit.map(([uid]) => [uid, [implicitVrLittleEndian]] as const)];
}
