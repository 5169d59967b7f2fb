import { doubleByteSet, type GraphicSet, katakana, latin1, romaji, singleByteSet } from './iso2022-graphic-sets.ts';

/** Encodings that stand alone, without code extensions (PS3.3 Table C.12-5). */
export type StandaloneEncoding = 'utf-8' | 'gb18030' | 'gbk';

/** What one Defined Term of Specific Character Set (0008,0005) stands for. */
export type Repertoire =
  | { readonly kind: 'standalone'; readonly encoding: StandaloneEncoding }
  /** The graphic sets that the term puts into the two halves of the code table; ASCII and nothing where undefined. */
  | { readonly kind: 'graphic-sets'; readonly g0?: GraphicSet; readonly g1?: GraphicSet; readonly set?: GraphicSet };

const nothingButAscii: Repertoire = { kind: 'graphic-sets' };
const upperHalf = (g1: GraphicSet): Repertoire => ({ kind: 'graphic-sets', g1, set: g1 });
/** Invoked into G0 by an escape sequence only. */
const designatedOnly = (set: GraphicSet): Repertoire => ({ kind: 'graphic-sets', set });
const standalone = (encoding: StandaloneEncoding): Repertoire => ({ kind: 'standalone', encoding });

/** By ISO-IR registration number: `ISO_IR n` and `ISO 2022 IR n` differ only in permitting escape sequences. */
const byRegistration: ReadonlyMap<string, Repertoire> = new Map([
  ['6', nothingButAscii],
  ['13', { kind: 'graphic-sets', g0: romaji, g1: katakana, set: katakana }],
  ['100', upperHalf(latin1)],
  ['101', upperHalf(singleByteSet('101'))],
  ['109', upperHalf(singleByteSet('109'))],
  ['110', upperHalf(singleByteSet('110'))],
  ['126', upperHalf(singleByteSet('126'))],
  ['127', upperHalf(singleByteSet('127'))],
  ['138', upperHalf(singleByteSet('138'))],
  ['144', upperHalf(singleByteSet('144'))],
  ['148', upperHalf(singleByteSet('148'))],
  ['166', upperHalf(singleByteSet('166'))],
  ['203', upperHalf(singleByteSet('203'))],
  ['58', upperHalf(doubleByteSet('58'))],
  ['149', upperHalf(doubleByteSet('149'))],
  ['87', designatedOnly(doubleByteSet('87'))],
  ['159', designatedOnly(doubleByteSet('159'))],
  ['192', standalone('utf-8')],
]);

/** Names without a registration number, mostly what devices write where they mean a Defined Term. */
const byName: ReadonlyMap<string, Repertoire | undefined> = new Map([
  ['', nothingButAscii],
  ['ASCII', nothingButAscii],
  ['USASCII', nothingButAscii],
  ['GB18030', standalone('gb18030')],
  ['GBK', standalone('gbk')],
  ['GB2312', standalone('gbk')],
  ['UTF8', standalone('utf-8')],
  ['ISO88591', byRegistration.get('100')],
  ['ISO88592', byRegistration.get('101')],
  ['ISO88593', byRegistration.get('109')],
  ['ISO88594', byRegistration.get('110')],
  ['ISO88595', byRegistration.get('144')],
  ['ISO88596', byRegistration.get('127')],
  ['ISO88597', byRegistration.get('126')],
  ['ISO88598', byRegistration.get('138')],
  ['ISO88599', byRegistration.get('148')],
  ['ISO885915', byRegistration.get('203')],
]);

/**
 * Reads one Defined Term, forgiving case, padding and separators: to it `ISO_IR 100`, `ISO-IR 100`, `iso2022ir100`
 * and `ISO-8859-1` are the same.
 * @returns undefined for a term that the Standard does not know
 * @see PS3.3 §C.12.1.1.2
 */
export function repertoireOf(definedTerm: string): Repertoire | undefined {
  const name = definedTerm.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const registration = /^(?:ISO)?(?:2022)?IR(\d+)$/.exec(name)?.[1];
  return registration === undefined ? byName.get(name) : byRegistration.get(registration);
}

const registrationOf = new Map([...byRegistration].map(([registration, repertoire]) => [repertoire, registration]));
const termOfStandalone = { 'utf-8': 'ISO_IR 192', gb18030: 'GB18030', gbk: 'GBK' } as const satisfies Record<
  StandaloneEncoding,
  string
>;

/**
 * The Defined Terms of a Specific Character Set as the Standard spells them, read as a data set that declares them is read:
 * one that stands alone is taken for all, several are such with code extensions, and a set of two bytes has one of single
 * bytes in front of it.
 * @returns none for ASCII alone; undefined if one of them is not known
 * @see PS3.3 §C.12.1.1.2
 */
export function canonicalTerms(definedTerms: readonly string[]): readonly string[] | undefined {
  const repertoires: Repertoire[] = [];
  for (const term of definedTerms) {
    const repertoire = repertoireOf(term);
    if (repertoire === undefined) return undefined;
    if (!repertoires.includes(repertoire)) repertoires.push(repertoire);
  }
  for (const repertoire of repertoires)
    if (repertoire.kind === 'standalone') return [termOfStandalone[repertoire.encoding]];
  const [first = nothingButAscii, ...more] = repertoires;
  if (first === nothingButAscii && more.length === 0) return [];
  const withExtensions = repertoires.map((repertoire) => `ISO 2022 IR ${registrationOf.get(repertoire)}`);
  if (first === nothingButAscii) return ['', ...withExtensions.slice(1)];
  if (isDoubleByte(first)) return ['', ...withExtensions.filter((term) => term !== 'ISO 2022 IR 6')];
  if (more.length === 0 && !/2022/.test(definedTerms.join())) return [`ISO_IR ${registrationOf.get(first)}`];
  return withExtensions;
}

function isDoubleByte(repertoire: Repertoire): boolean {
  return repertoire.kind === 'graphic-sets' && repertoire.set?.bytesPerCode === 2;
}
