import { CausewayError } from '../kernel/errors.ts';
import { dictionaryEntry, resolveVr, tagOfKeyword } from './dictionary.ts';
import type { Vr } from './json-model.ts';
import type { AttributePath } from './query.ts';

/** An attribute as a query names it. */
export interface NamedAttribute {
  readonly path: AttributePath;
  /** Of the last attribute of the path; UN where the dictionary does not know it. */
  readonly vr: Vr;
}

/** More sequences than any query key of the Standard passes through. */
const maxDepth = 8;
const noVrs: ReadonlyMap<string, Vr> = new Map();

/**
 * Reads `PatientName`, `00100010`, `RequestAttributesSequence.00400009` and their like (PS3.18 §8.3.4.1).
 * @param parameter where it stood, for the message
 * @param vrs of attributes that the dictionary does not know, by tag
 * @throws CausewayError `bad-request` naming what is no attribute
 */
export function namedAttribute(text: string, parameter: string, vrs: ReadonlyMap<string, Vr> = noVrs): NamedAttribute {
  const names = text.split('.');
  if (names.length > maxDepth) throw refused(`An attribute lies at most ${maxDepth} levels deep.`, parameter);
  const [first, ...rest] = names.map((name) => tagOf(name, parameter));
  const path: AttributePath = [first as string, ...rest];
  const vrsOfPath = path.map((tag) => vrOf(tag) ?? vrs.get(tag) ?? 'UN');
  const notSequence = vrsOfPath.slice(0, -1).findIndex((vr) => vr !== 'SQ' && vr !== 'UN');
  if (notSequence >= 0) throw refused(`${names[notSequence]} is not a sequence, so it holds no attributes.`, parameter);
  return { path, vr: vrsOfPath[vrsOfPath.length - 1] ?? 'UN' };
}

/** The keywords of a path, tags where there are none, for messages: `RequestAttributesSequence.ScheduledProcedureStepID`. */
export function nameOfPath(path: AttributePath): string {
  return path.map((tag) => dictionaryEntry(tag)?.keyword ?? tag).join('.');
}

function tagOf(name: string, parameter: string): string {
  if (/^[0-9A-Fa-f]{8}$/.test(name)) return name.toUpperCase();
  const tag = tagOfKeyword(name);
  if (tag === undefined) throw refused(`${printable(name)} is no DICOM attribute; give a keyword or a tag.`, parameter);
  return tag;
}

/** A name is echoed as far as it could be a mistyped keyword. */
function printable(name: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? `"${name}"` : 'A name in the query';
}

function vrOf(tag: string): Vr | undefined {
  const vr = dictionaryEntry(tag)?.vr;
  return vr === undefined ? undefined : resolveVr(vr, { implicitVr: false });
}

function refused(message: string, parameter: string): CausewayError {
  return new CausewayError('bad-request', message, { details: { parameter } });
}
