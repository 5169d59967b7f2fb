import { mayHavePixels } from '../../dicom/storage-sop-classes.ts';
import { transferSyntaxes, transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import type { ProposedContext } from '../association/associate-request.ts';
import { maxContexts, numberedContexts } from './numbered-contexts.ts';
import { queryProposals } from './remote-query.ts';

const native = [transferSyntaxUids.explicitVrLittleEndian, transferSyntaxUids.implicitVrLittleEndian];

/** What archives mostly hold, the most usual first: the numbers behind 1.2.840.10008.1.2. */
const usual = [
  ...['4.50', '4.70', '4.90', '4.91', '5', '4.80', '4.51', '4.102', '4.57', '4.81', '4.103', '4.100', '4.101'],
  ...['4.201', '4.203', '4.202', '4.104', '4.107', '4.108'],
].map((suffix) => `1.2.840.10008.1.2.${suffix}`);

const encapsulated = transferSyntaxes.filter((one) => one.encapsulated);
const rankOf = ({ uid, retired }: (typeof encapsulated)[number]): number =>
  usual.includes(uid) ? usual.indexOf(uid) : retired ? usual.length + 1 : usual.length;
const compressed = [...encapsulated].sort((a, b) => rankOf(a) - rankOf(b)).map(({ uid }) => uid);

const roomForStorage = maxContexts - queryProposals('get').length;

/** Of the compressed syntaxes, so many at least for each class of images where it is not known which classes come. */
const fewSyntaxes = 8;

/**
 * What to propose to a peer that is to send instances over our association: each transfer syntax for itself, in a context
 * of its own, so that the peer can send what it has as it is. In contexts of several it would choose one, and convert the
 * rest to that, or fail. What finds no room is left out: compressed syntaxes of what has no pixels first, then rare ones.
 * @see PS3.8 §9.3.2.2
 */
export function getContexts(sopClassUids: readonly string[]): ProposedContext[] {
  const each = (uids: readonly string[], transferSyntaxUids: readonly string[]) =>
    uids.map((abstractSyntaxUid) => ({ abstractSyntaxUid, transferSyntaxUids }));
  const withPixels = sopClassUids.filter(mayHavePixels);
  const withoutPixels = sopClassUids.filter((uid) => !mayHavePixels(uid));
  return numberedContexts([
    ...queryProposals('get'),
    ...each(sopClassUids, native),
    ...compressed.flatMap((syntax) => each(withPixels, [syntax])),
    ...compressed.flatMap((syntax) => each(withoutPixels, [syntax])),
  ]);
}

/**
 * Divides SOP classes into groups for each of which an association has room enough, in their order.
 * @param syntaxes `every` one of each class of images can be proposed in each group, or only the most `usual`
 */
export function groupsThatFit(sopClassUids: readonly string[], syntaxes: 'every' | 'usual'): string[][] {
  const contextsOfImages = 1 + (syntaxes === 'every' ? compressed.length : fewSyntaxes);
  const groups: { readonly uids: string[]; room: number }[] = [];
  for (const uid of sopClassUids) {
    const contexts = mayHavePixels(uid) ? contextsOfImages : 1;
    const group = groups.find(({ room }) => room >= contexts);
    if (group === undefined) groups.push({ uids: [uid], room: roomForStorage - contexts });
    else {
      group.uids.push(uid);
      group.room -= contexts;
    }
  }
  return groups.map(({ uids }) => uids);
}
