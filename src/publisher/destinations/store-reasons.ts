import { saysNotStored } from '../../dicom/not-stored.ts';
import type { SendOutcome } from '../destination.ts';

/** What a receiver said to an instance, told as an outcome. */
export type StoreVerdict = Pick<SendOutcome, 'status' | 'answer' | 'isThere' | 'inDoubt'>;

/**
 * What a Status of C-STORE, or a Failure or Warning Reason of STOW-RS, means.
 * `failed` where the reason may pass: the receiver is short of something or did not manage.
 * @see PS3.4 table B.2-1, PS3.7 annex C, PS3.18 tables I.2-1 and I.2-2
 */
export function storeVerdict(code: number, comment?: string): StoreVerdict {
  const [status, words] = saysNotStored(code, comment) ? notStored : meaning(code);
  const told = printable(comment);
  const hex = code.toString(16).toUpperCase().padStart(4, '0');
  return {
    status,
    answer: `${words} (${hex})${told === '' ? '' : `: ${told}`}`,
    ...(isThere.has(code) && { isThere: true }),
    ...(status === 'accepted' && code === elementsDiscarded && { inDoubt: true }),
  };
}

const notStored = ['refused', 'The receiver has not stored it'] as const;
/** Duplicate SOP Instance, of C-STORE and of STOW-RS. */
const isThere: ReadonlySet<number> = new Set([0x0111, 0xb00e]);
const elementsDiscarded = 0xb006;

const meanings: Readonly<Record<number, readonly [SendOutcome['status'], string]>> = {
  0: ['accepted', 'Stored'],
  // Whether it is this one, only the receiver can tell.
  273: ['refused', 'The receiver has an instance under this SOP Instance UID already and keeps that one'],
  45070: ['refused', 'The receiver has an instance under this SOP Instance UID already and keeps that one'],
  263: ['accepted', 'Stored, but some attributes are not supported'],
  278: ['accepted', 'Stored, but a value is out of range'],
  261: ['refused', 'The receiver does not know an attribute'],
  262: ['refused', 'The receiver does not accept a value'],
  272: ['failed', 'The receiver did not manage to store it'],
  274: ['failed', 'The receiver does not find the instance'],
  279: ['refused', 'The receiver does not accept the SOP Instance UID'],
  280: ['refused', 'The receiver does not know the SOP Class'],
  281: ['refused', 'The SOP Class is not that of the instance'],
  288: ['refused', 'The receiver misses an attribute'],
  289: ['refused', 'The receiver misses a value'],
  290: ['refused', 'The receiver does not take instances of this SOP Class'],
  292: ['refused', 'The receiver does not allow it'],
  528: ['failed', 'The receiver takes the request for another one'],
  529: ['refused', 'The receiver does not know the operation'],
  530: ['refused', 'The receiver does not understand the request'],
  531: ['failed', 'The receiver is short of resources'],
  45056: ['accepted', 'Stored, with values that the receiver has changed'],
  45062: ['accepted', 'Stored, without elements that the receiver has discarded'],
  45063: ['accepted', 'Stored, though the data set does not match its SOP Class'],
  49442: ['refused', 'The receiver does not take this transfer syntax'],
};

function meaning(code: number): readonly [SendOutcome['status'], string] {
  const known = meanings[code];
  if (known !== undefined) return known;
  if (code >> 8 === 0xa7) return ['failed', 'The receiver is short of resources'];
  if (code >> 8 === 0xa9) return ['refused', 'The data set does not match its SOP Class, says the receiver'];
  if (code >> 12 === 0xc) return ['refused', 'The receiver cannot understand the data set'];
  if (code >> 12 === 0xb) return ['accepted', 'Stored, with a warning'];
  return ['failed', 'The receiver answered what the Standard does not know'];
}

/** Words of a receiver: some of them, as anybody may say anything. */
export function printable(text: string | undefined, most = 160): string {
  const plain = (text ?? '').replace(/[^\x20-\x7e]+/g, ' ').trim();
  return plain.length <= most ? plain : `${plain.slice(0, most - 3)}...`;
}
