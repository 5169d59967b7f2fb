import { CausewayError } from '../kernel/errors.ts';

/** An element as it was read; names are without their prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

interface JsonElement {
  vr: string;
  Value?: unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** Deeper than any data set of `maxDepth` sequences is, and far from where recursion ends. */
const maxXmlDepth = 512;
/** Those of decimal strings stay as they are written. */
const jsonNumbers = new Set(['FD', 'FL', 'SL', 'SS', 'UL', 'US']);

/**
 * Reads a Native DICOM Model document into the DICOM JSON Model, for `validateDicomJson` to check. Document types, and so
 * entities of one's own, are refused.
 * @throws CausewayError `malformed`
 * @see PS3.19 §A.1, PS3.18 §F.2
 */
export function readNativeDicomModel(text: string): unknown {
  const root = parseXml(text);
  if (root.name !== 'NativeDicomModel') throw malformed('it is no NativeDicomModel');
  return dataSetOf(root, createGaps());
}

function dataSetOf(parent: XmlElement, gaps: Gaps): Record<string, JsonElement> {
  const dataSet: Record<string, JsonElement> = {};
  // What reserves a block is read before what goes into blocks.
  const needsBlock = (element: XmlElement) => privateCreator(element) !== undefined;
  const children = [
    ...parent.children.filter((element) => !needsBlock(element)),
    ...parent.children.filter(needsBlock),
  ];
  for (const element of children) {
    if (element.name !== 'DicomAttribute')
      throw malformed(`there is a ${printable(element.name)} among its attributes`);
    const tag = actualTag(element, dataSet);
    if (tag in dataSet) throw malformed(`the attribute ${tag} is there twice`);
    dataSet[tag] = elementOf(element, gaps);
  }
  return dataSet;
}

/**
 * A private attribute names its creator, and its tag leaves the block open (PS3.19 §A.1.3): it gets the block that its
 * creator reserves, or the next free one.
 */
function actualTag(element: XmlElement, dataSet: Record<string, JsonElement>): string {
  const tag = (element.attributes.get('tag') ?? '').toUpperCase();
  if (!/^[0-9A-F]{8}$/.test(tag)) throw malformed('an attribute has no tag of eight hexadecimal digits');
  const creator = privateCreator(element);
  if (creator === undefined) return tag;
  const group = tag.slice(0, 4);
  const blocks = Array.from({ length: 0xf0 }, (_, index) => hex(0x10 + index));
  const block =
    blocks.find((one) => dataSet[`${group}00${one}`]?.Value?.[0] === creator) ??
    blocks.find((one) => dataSet[`${group}00${one}`] === undefined);
  if (block === undefined) throw malformed(`group ${group} has more private creators than blocks`);
  dataSet[`${group}00${block}`] ??= { vr: 'LO', Value: [creator] };
  return `${group}${block}${tag.slice(6)}`;
}

function privateCreator({ attributes }: XmlElement): string | undefined {
  const isPrivate = (Number.parseInt(attributes.get('tag')?.slice(0, 4) ?? '', 16) & 1) === 1;
  return isPrivate ? attributes.get('privateCreator') : undefined;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function elementOf({ attributes, children }: XmlElement, gaps: Gaps): JsonElement {
  const vr = attributes.get('vr') ?? '';
  const element: JsonElement = { vr };
  for (const [child, index] of inOrder(children)) {
    if (child.name === 'BulkData')
      element.BulkDataURI = child.attributes.get('uri') ?? child.attributes.get('uuid') ?? '';
    else if (child.name === 'InlineBinary') element.InlineBinary = child.text.replace(/\s+/g, '');
    else {
      element.Value ??= [];
      const values = element.Value;
      // Values that are left out are empty ones: the others keep their places.
      gaps.take(index - values.length);
      while (values.length < index) values.push(null);
      values.push(valueIn(child, vr, gaps));
    }
  }
  return element;
}

/**
 * Of values that are left out of one document: each is there in what is read, and a few bytes that say a number must not
 * become lists of millions, neither in one attribute nor in many.
 */
const maxLeftOut = 1_000;

/** Counts the values that a document leaves out. */
interface Gaps {
  /** @throws CausewayError `malformed` past `maxLeftOut` */
  take(count: number): void;
}

function createGaps(): Gaps {
  let taken = 0;
  return {
    take(count) {
      taken += count;
      if (taken > maxLeftOut) throw malformed(`it leaves out more than ${maxLeftOut} values`);
    },
  };
}

/**
 * By their `number`, which need not be the order in which they stand, and with the index that it says. Items are never
 * left out: they are counted.
 */
function inOrder(children: readonly XmlElement[]): [child: XmlElement, index: number][] {
  const numbered = children.map((child) => {
    const number = Number(child.attributes.get('number') ?? 1);
    return { child, number: Number.isSafeInteger(number) && number > 0 ? number : 1 };
  });
  let next = 0;
  return numbered
    .sort((a, b) => a.number - b.number)
    .map(({ child, number }) => {
      const index = child.name === 'Item' ? next : Math.max(number - 1, next);
      next = index + 1;
      return [child, index];
    });
}

function valueIn(element: XmlElement, vr: string, gaps: Gaps): unknown {
  if (element.name === 'Item') return dataSetOf(element, gaps);
  if (element.name === 'PersonName') {
    return Object.fromEntries(element.children.map((group) => [group.name, nameOf(group)]));
  }
  if (element.name !== 'Value') throw malformed(`there is a ${printable(element.name)} among its values`);
  if (element.text === '') return null;
  if (!jsonNumbers.has(vr)) return element.text;
  const number = Number(element.text);
  return element.text.trim() !== '' && Number.isFinite(number) ? number : element.text.trim();
}

const nameComponents = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'];

function nameOf({ children }: XmlElement): string {
  const component = (name: string) => children.find((child) => child.name === name)?.text ?? '';
  return nameComponents.map(component).join('^').replace(/\^+$/, '');
}

/** A comment, a CDATA section, an instruction, a closing or an opening tag: what markup there is but document types. */
const markup =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;

/** @returns the root @throws CausewayError `malformed` for what is not well-formed */
export function parseXml(text: string): XmlElement {
  const document: XmlElement = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [document];
  for (let at = 0; at < text.length; ) {
    const current = open.at(-1)!;
    const next = text.indexOf('<', at);
    const until = next < 0 ? text.length : next;
    current.text += unescaped(text.slice(at, until));
    if (next < 0) break;
    markup.lastIndex = next;
    const match = markup.exec(text);
    if (match === null) throw malformed(`there is no markup of it at character ${next}`);
    const [, cdata, closed, opened, attributes = '', selfClosing] = match;
    if (cdata !== undefined) current.text += cdata;
    else if (closed !== undefined) {
      if (open.length === 1 || localName(closed) !== current.name)
        throw malformed(`at character ${next} it closes what is not open`);
      open.pop();
    } else if (opened !== undefined) {
      const element = { name: localName(opened), attributes: attributesOf(attributes), children: [], text: '' };
      current.children.push(element);
      if (selfClosing === '') open.push(element);
      if (open.length > maxXmlDepth) throw malformed(`it is more than ${maxXmlDepth} deep`);
    }
    at = markup.lastIndex;
  }
  const [root] = document.children;
  if (open.length > 1 || root === undefined || document.children.length > 1)
    throw malformed('it is not one whole element');
  return root;
}

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single] of text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(localName(name), unescaped(double ?? single ?? ''));
  }
  return attributes;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (!text.includes('&')) return text.replace(/\r\n?/g, '\n');
  return text.replace(/\r\n?/g, '\n').replace(/&([^;&]*);?/g, (whole, name: string) => {
    const known = Object.hasOwn(entities, name) ? entities[name] : undefined;
    const number = /^#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}))$/.exec(name);
    const code = number === null ? undefined : Number.parseInt(number[1] ?? number[2]!, number[1] ? 16 : 10);
    if (!whole.endsWith(';') || (known === undefined && (code === undefined || code > 0x10ffff))) {
      throw malformed('it has an entity that XML does not know');
    }
    return known ?? String.fromCodePoint(code!);
  });
}

function printable(name: string): string {
  return /^[A-Za-z]{1,32}$/.test(name) ? name : 'foreign element';
}

function malformed(what: string): CausewayError {
  return new CausewayError('malformed', `The document cannot be read: ${what}.`);
}
