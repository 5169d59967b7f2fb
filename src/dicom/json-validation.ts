import { CausewayError } from '../kernel/errors.ts';
import { isDecimalString } from './decimal-string.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue, Vr } from './json-model.ts';
import { isVr, type ValueKind, vrTraits } from './vr-traits.ts';

/** Sequences within sequences, in what clients send. */
const maxDepth = 128;

/**
 * Takes parsed JSON for a data set in the DICOM JSON Model, after checking every attribute of it: its tag, its VR, that
 * it has one carrier of a value at most, and that each value is of the JSON type that its VR has.
 * Numbers of a binary VR that are all `null` are no value; among others `null` is refused.
 * Lower-case tags are taken as if they were upper-case. Attributes come back in ascending order.
 * @throws CausewayError `malformed`, naming the attribute
 * @see PS3.18 §F.2
 */
export function validateDicomJson(json: unknown): DicomJson {
  return validDataSet(json, [], 0);
}

type Path = readonly string[];

function validDataSet(json: unknown, path: Path, depth: number): DicomJson {
  if (depth > maxDepth) throw wrong(path, `nests sequences more than ${maxDepth} deep`);
  if (!isObject(json)) throw wrong(path, 'is not an object of attributes');
  const attributes = Object.entries(json).map(([name, element]): [string, DicomJsonElement] => {
    const tag = name.toUpperCase();
    if (!/^[0-9A-F]{8}$/.test(tag)) throw wrong(path, 'has a member whose name is not eight hexadecimal digits');
    return [tag, validElement(element, [...path, tag], depth)];
  });
  attributes.sort(([a], [b]) => (a < b ? -1 : 1));
  attributes.forEach(([tag], index) => {
    if (tag === attributes[index + 1]?.[0]) throw wrong([...path, tag], 'is there twice');
  });
  return Object.fromEntries(attributes);
}

function validElement(json: unknown, path: Path, depth: number): DicomJsonElement {
  if (!isObject(json)) throw wrong(path, 'is not an object with a vr');
  const { vr, Value: values, InlineBinary: inline, BulkDataURI: uri } = json;
  if (typeof vr !== 'string' || !isVr(vr)) throw wrong(path, 'has no vr that the Standard knows');
  if ([values, inline, uri].filter((carrier) => carrier !== undefined).length > 1) {
    throw wrong(path, 'has more than one of Value, InlineBinary and BulkDataURI');
  }
  const { kind } = vrTraits(vr);
  if (uri !== undefined) {
    if (typeof uri !== 'string' || kind === 'sequence') throw wrong(path, 'has a BulkDataURI that is none');
    return { vr, BulkDataURI: uri };
  }
  if (inline !== undefined) {
    if (kind !== 'binary' || !isBase64(inline))
      throw wrong(path, 'has an InlineBinary that is not base64 of a binary VR');
    return { vr, InlineBinary: inline };
  }
  if (values === undefined || (Array.isArray(values) && values.length === 0)) return { vr };
  if (!Array.isArray(values)) throw wrong(path, 'has a Value that is not a list');
  if (kind === 'binary') throw wrong(path, `has a Value, which its VR ${vr} cannot have`);
  if (hasNoEmptyValues.has(kind) && values.includes(null)) {
    if (values.every((value) => value === null)) return { vr };
    throw wrong(path, `has an empty value (null) among others, which its VR ${vr} cannot have`);
  }
  return { vr, Value: values.map((value, index) => validValue(value, vr, [...path, String(index)], depth)) };
}

/** Their values lie one behind the other in so many bytes each: nothing could stand for an empty one but another number. */
const hasNoEmptyValues: ReadonlySet<ValueKind> = new Set(['numbers', 'tags']);

function validValue(json: unknown, vr: Vr, path: Path, depth: number): DicomJsonValue {
  const { kind } = vrTraits(vr);
  if (kind === 'sequence') return json === null ? {} : validDataSet(json, path, depth + 1);
  if (json === null) return null;
  if (!valueChecks[kind](json, vr)) throw wrong(path, `is not a value of VR ${vr}`);
  return json as DicomJsonValue;
}

const isText = (json: unknown) => typeof json === 'string' && !json.includes('\0');

/** Whether a JSON value is of the type that Table F.2.3-1 gives the VR. */
const valueChecks: Readonly<Record<ValueKind, (json: unknown, vr: Vr) => boolean>> = {
  plain: isText,
  uri: isText,
  text: isText,
  'long-text': isText,
  decimal: (json) =>
    (typeof json === 'number' && Number.isFinite(json)) || (isText(json) && isDecimalString(json as string)),
  'person-name': (json) =>
    isObject(json) &&
    Object.entries(json).every(([group, name]) => /^(Alphabetic|Ideographic|Phonetic)$/.test(group) && isText(name)),
  numbers: isNumberOf,
  tags: (json) => typeof json === 'string' && /^[0-9A-Fa-f]{8}$/.test(json),
  binary: () => false,
  sequence: () => false,
};

const notFinite: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

/** Integers within the range of their VR; SV and UV also as strings, floats also as the names of what JSON lacks. */
function isNumberOf(json: unknown, vr: Vr): boolean {
  if (vr === 'FL' || vr === 'FD') return (typeof json === 'number' && Number.isFinite(json)) || notFinite.has(json);
  const isLong = vr === 'SV' || vr === 'UV';
  const isInteger =
    typeof json === 'number'
      ? Number.isInteger(json)
      : isLong && isText(json) && /^[+-]?\d{1,20}$/.test(json as string);
  if (!isInteger) return false;
  const bits = BigInt(8 * vrTraits(vr).wordBytes);
  const value = BigInt(json as number | string);
  return vr.startsWith('S')
    ? BigInt.asIntN(Number(bits), value) === value
    : BigInt.asUintN(Number(bits), value) === value;
}

function isBase64(json: unknown): json is string {
  return typeof json === 'string' && json.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(json);
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function wrong(path: Path, what: string): CausewayError {
  const where = path.length === 0 ? 'The data set' : `The attribute ${path.join('/')}`;
  const tag = path.findLast((part) => part.length === 8);
  return new CausewayError('malformed', `${where} ${what}.`, tag === undefined ? {} : { details: { tag } });
}
