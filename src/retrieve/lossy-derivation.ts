import { createHash } from 'node:crypto';
import type { DicomJson, DicomJsonElement } from '../dicom/json-model.ts';
import { writeDataSet } from '../dicom/json-writer.ts';
import type { Piece } from '../dicom/piece-writer.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { uidOfHash } from '../dicom/uuid-uid.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';

type Identity = Pick<IndexedInstance, 'sopInstanceUid' | 'sha256' | 'transferSyntaxUid'>;

/**
 * SOP Instance UID of an instance in a transfer syntax: its own, unless something is lost on the way, which makes another instance of
 * it. That one has a UUID of version 8 that follows from the stored file, so that the same picture never has two names.
 * @see PS3.3 §C.7.6.1.1.5, PS3.5 §B.2
 */
export function instanceUidIn(instance: Identity, transferSyntaxUid: string): string {
  if (transferSyntaxUid === instance.transferSyntaxUid || !transferSyntax(transferSyntaxUid)?.lossy) {
    return instance.sopInstanceUid;
  }
  const hash = createHash('sha256').update(instance.sha256);
  return uidOfHash(hash.update(`${instance.sopInstanceUid} ${transferSyntaxUid}`).digest());
}

/**
 * What an instance that loses something says of itself: that it is another one, derived from which, by what, and how much went.
 * @param ratio of the bytes before to those after, approximately
 * @returns whole attributes for `DataSetConverter`
 * @throws CausewayError `transfer-syntax-unsupported` for what would have to be said of every frame apart
 * @see PS3.3 §C.7.6.1.1.2, §C.7.6.1.1.5, §C.12.4.1
 */
export function derivationEdits(
  instance: Identity & Pick<IndexedInstance, 'sopClassUid'>,
  attributes: DicomJson,
  transferSyntaxUid: string,
  ratio: number,
): [tag: number, pieces: readonly Piece[]][] {
  if ('52009229' in attributes || '52009230' in attributes) {
    throw new CausewayError(
      'transfer-syntax-unsupported',
      'The instance cannot be had with loss: each of its frames has a type of its own that would have to say so.',
    );
  }
  const [, ...type] = textsOf(attributes, '00080008');
  const source: DicomJson = {
    '00081150': { vr: 'UI', Value: [instance.sopClassUid] },
    '00081155': { vr: 'UI', Value: [instance.sopInstanceUid] },
    '0040A170': { vr: 'SQ', Value: [code('121320', 'Uncompressed predecessor')] },
  };
  const name = transferSyntax(transferSyntaxUid)!.name;
  const description = `Lossy compression by Causeway in ${name}, about ${ratio.toFixed(1)} to 1`;
  const said: Record<string, DicomJsonElement> = {
    '00080008': { vr: 'CS', Value: ['DERIVED', ...(type.length > 0 ? type : ['SECONDARY'])] },
    '00080018': { vr: 'UI', Value: [instanceUidIn(instance, transferSyntaxUid)] },
    '00082111': { vr: 'ST', Value: [description] },
    '00082112': { vr: 'SQ', Value: [source] },
    '00089215': { vr: 'SQ', Value: [code('113040', 'Lossy Compression')] },
    '00282110': { vr: 'CS', Value: ['01'] },
    '00282112': { vr: 'DS', Value: [...textsOf(attributes, '00282112'), ratio.toFixed(2)] },
    '00282114': { vr: 'CS', Value: [...textsOf(attributes, '00282114'), 'ISO_10918_1'] },
  };
  const edits = Object.entries(said).map(([tag, element]): [number, readonly Piece[]] => [
    Number.parseInt(tag, 16),
    [writeDataSet({ [tag]: element })],
  ]);
  // Smallest and largest pixel values are others now, and nobody has looked.
  return [...edits, [0x00280106, []], [0x00280107, []]];
}

function code(value: string, meaning: string): DicomJson {
  return {
    '00080100': { vr: 'SH', Value: [value] },
    '00080102': { vr: 'SH', Value: ['DCM'] },
    '00080104': { vr: 'LO', Value: [meaning] },
  };
}

/** Values of the default repertoire; others are nothing here. */
function textsOf(attributes: DicomJson, tag: string): string[] {
  return (attributes[tag]?.Value ?? []).map(String).filter((text) => /^[\x20-\x5b\x5d-\x7e]{1,16}$/.test(text));
}
