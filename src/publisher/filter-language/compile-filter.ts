import { foldName } from '../../dicom/match-name.ts';
import { matchesWildcard } from '../../dicom/match-wildcard.ts';
import { searchForm } from '../../dicom/person-name.ts';
import type { Filter, FilterSubject, Refusal } from '../filter.ts';
import { attributeSource, type Source } from './attribute-source.ts';
import type { ComparisonOperator, Expression, Literal, Path } from './expression.ts';
import { filterError } from './filter-problem.ts';
import { examples, literalMoment, type MomentType, storedMoment, yearsOf } from './literal-values.ts';
import { parseExpression } from './parse-expression.ts';
import { describedType, type ValueType } from './value-types.ts';

/** Values that a refusal shows of an attribute, and characters of each. */
const maxShownValues = 5;
const maxShownCharacters = 80;
const maxFacts = 8;

/**
 * Makes a filter of an expression of the filter language (docs/filters.md); an empty one selects everything.
 * @throws CausewayError `bad-request` with the place at fault, see `filterProblemOf`
 */
export function compileFilter(text: string): Filter {
  const parsed = parseExpression(text);
  if (parsed === undefined) return { selects: () => true, whyNot: () => undefined };
  const clause = compile(parsed, text);
  return { selects: clause.holds, whyNot: (subject) => (clause.holds(subject) ? undefined : clause.refusal(subject)) };
}

/** A part of an expression that is true or false. */
interface Clause {
  holds(subject: FilterSubject): boolean;
  /** Of a subject for which it does not hold: the smallest part that said no for good. */
  refusal(subject: FilterSubject): Refusal;
  /** What it saw, for people. */
  facts(subject: FilterSubject): string[];
}

function compile(expression: Expression, text: string): Clause {
  switch (expression.kind) {
    case 'and': {
      const operands = expression.operands.map((operand) => compile(operand, text));
      return {
        holds: (subject) => operands.every((operand) => operand.holds(subject)),
        refusal: (subject) => operands.find((operand) => !operand.holds(subject))!.refusal(subject),
        facts: (subject) => operands.flatMap((operand) => operand.facts(subject)),
      };
    }
    case 'or': {
      const operands = expression.operands.map((operand) => compile(operand, text));
      return clause(
        expression,
        text,
        (subject) => operands.some((operand) => operand.holds(subject)),
        (subject) => operands.flatMap((operand) => operand.facts(subject)),
      );
    }
    case 'not': {
      const operand = compile(expression.operand, text);
      return clause(expression, text, (subject) => !operand.holds(subject), operand.facts);
    }
    case 'constant':
      return clause(
        expression,
        text,
        () => expression.value,
        () => [],
      );
    default: {
      const { holds, sources } = leaf(expression, text);
      return clause(expression, text, holds, (subject) => sources.map((source) => fact(source, subject)));
    }
  }
}

function clause(
  { from, till }: Expression,
  text: string,
  holds: Clause['holds'],
  facts: (subject: FilterSubject) => string[],
): Clause {
  const refusal = (subject: FilterSubject) => {
    const seen = [...new Set(facts(subject))].slice(0, maxFacts);
    const words = text.slice(from, till);
    return { clause: words, from, till, because: seen.length === 0 ? `${words} never holds` : seen.join('; ') };
  };
  return { holds, refusal, facts };
}

function fact(source: Source, subject: FilterSubject): string {
  const { label, type } = source;
  if (!source.exists(subject)) return `${label} is not there`;
  const shown = source.shown(subject);
  if (shown.length === 0) return `${label} is there`;
  const isNumber = type === 'number';
  const values = shown.slice(0, maxShownValues).map((value) => {
    const short = value.length > maxShownCharacters ? `${value.slice(0, maxShownCharacters)}…` : value;
    return isNumber ? short : `'${short}'`;
  });
  const more = shown.length - values.length;
  return `${label} is ${values.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

interface Leaf {
  readonly holds: (subject: FilterSubject) => boolean;
  readonly sources: readonly Source[];
}

function leaf(expression: Extract<Expression, { kind: 'comparison' | 'in' | 'test' }>, text: string): Leaf {
  if (expression.kind === 'test') return test(expression, text);
  const source = attributeSource(expression.left, text);
  requireComparable(source, expression.left);
  if (expression.kind === 'in') {
    const tests = expression.values.map((value) => compared(source, '==', value));
    return { holds: (subject) => tests.some((one) => one(subject)), sources: [source] };
  }
  const { operator, right } = expression;
  if (right.kind === 'literal') return { holds: compared(source, operator, right), sources: [source] };
  const other = attributeSource(right, text);
  requireComparable(other, right);
  return { holds: comparedWithEachOther(source, operator, other, expression), sources: [source, other] };
}

function requireComparable({ type, label }: Source, { from, till }: Path): void {
  if (type !== 'sequence' && type !== 'binary') return;
  const way = type === 'sequence' ? `name an attribute of its items (${label}.…), or ask` : 'ask';
  throw filterError({
    message: `${label} is ${describedType[type]} and cannot be compared; ${way} exists(${label}).`,
    from,
    till,
  });
}

function test({ name, path, text: pattern }: Extract<Expression, { kind: 'test' }>, text: string): Leaf {
  const source = attributeSource(path, text);
  if (name === 'exists' || pattern === undefined) return { holds: source.exists, sources: [source] };
  const { label, type } = source;
  if (type !== 'text' && type !== 'name' && type !== 'uid' && type !== 'any') {
    const message = `${label} is ${describedType[type]}; ${name} looks into texts, names and UIDs.`;
    throw filterError({ message, from: path.from, till: path.till });
  }
  const folded = foldName(String(pattern.value));
  const matches =
    name === 'contains' ? (value: string) => value.includes(folded) : (value: string) => matchesWildcard(value, folded);
  return { holds: (subject) => source.texts(subject).some((value) => matches(foldName(value))), sources: [source] };
}

type Holds = (subject: FilterSubject) => boolean;

/** True if it is for any of the values; what is `!=` is not `==` to any of them. */
function compared(source: Source, operator: ComparisonOperator, literal: Literal): Holds {
  if (operator === '!=') {
    const equal = compared(source, '==', literal);
    return (subject) => !equal(subject);
  }
  const { type } = source;
  const { value } = literal;
  switch (type) {
    case 'date':
    case 'time':
    case 'date-time':
      return comparedMoment(source, type, operator, literal);
    case 'number':
    case 'age': {
      const years = type === 'age' && typeof value === 'string' ? yearsOf(value) : undefined;
      const number = typeof value === 'number' ? value : years;
      if (number === undefined) throw mistyped(source, literal);
      return (subject) => numbersOf(source, type, subject).some((one) => inOrder(one, operator, number));
    }
    default: {
      if (typeof value === 'number') {
        if (type !== 'any') throw mistyped(source, literal);
        return (subject) => numbersOf(source, 'number', subject).some((one) => inOrder(one, operator, value));
      }
      requireNoOrder(source, operator, literal);
      if (value.trim() === '') {
        const suggestion = `!exists(${source.label})`;
        throw filterError({
          message: `For no value write ${suggestion}.`,
          from: literal.from,
          till: literal.till,
          suggestion,
        });
      }
      const wanted = type === 'name' ? searchForm(value) : value.trim();
      return (subject) => source.texts(subject).includes(wanted);
    }
  }
}

function requireNoOrder(
  { label, type }: Source,
  operator: ComparisonOperator,
  place: { from: number; till: number },
): void {
  if (operator === '==' || operator === '!=') return;
  const message = `${label} is ${describedType[type]}: there is no ${operator} for texts, but ==, !=, in, contains() and like().`;
  throw filterError({ message, from: place.from, till: place.till });
}

function mistyped({ label, type }: Source, { value, from, till }: Literal) {
  const suggestion = suggestedLiteral(type, value);
  const how =
    type === 'number'
      ? 'is a number, which stands without quotation marks'
      : type === 'age'
        ? "is an age: compare it with a number of years, or with '006M'"
        : `is ${describedType[type]}, which stands in quotation marks`;
  return filterError({ message: `${label} ${how}.`, from, till, ...(suggestion !== undefined && { suggestion }) });
}

function suggestedLiteral(type: ValueType, value: string | number): string | undefined {
  if (typeof value === 'number') return type === 'text' || type === 'name' ? `'${value}'` : undefined;
  return value.trim() !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : undefined;
}

function numbersOf(source: Source, type: 'number' | 'age', subject: FilterSubject): number[] {
  return source.texts(subject).flatMap((text) => {
    const number = type === 'age' ? yearsOf(text) : Number(text);
    return number !== undefined && Number.isFinite(number) ? [number] : [];
  });
}

function inOrder<T extends string | number>(value: T, operator: ComparisonOperator, than: T): boolean {
  switch (operator) {
    case '==':
      return value === than;
    case '!=':
      return value !== than;
    case '<':
      return value < than;
    case '<=':
      return value <= than;
    case '>':
      return value > than;
    case '>=':
      return value >= than;
  }
}

/** What is written covers a time, a day for instance: values within are equal to it. */
function comparedMoment(source: Source, type: MomentType, operator: ComparisonOperator, literal: Literal): Holds {
  const { value, from, till } = literal;
  const readable = typeof value === 'string' && literalMoment(type, value, '+0000') !== undefined;
  if (!readable) {
    const message = `${source.label} is ${describedType[type]}: write it as ${examples[type]}.`;
    throw filterError({ message, from, till, suggestion: examples[type] });
  }
  const known = new Map<string, ReturnType<typeof literalMoment>>();
  const rangeAt = (offset: string) => {
    if (!known.has(offset)) known.set(offset, literalMoment(type, value, offset));
    return known.get(offset);
  };
  return (subject) => {
    const offset = source.offset(subject);
    const range = rangeAt(offset);
    if (range === undefined) return false;
    return source.texts(subject).some((text) => {
      const moment = storedMoment(type, text, offset);
      if (moment === undefined) return false;
      if (operator === '==') return moment >= range.from && moment <= range.to;
      return inOrder(moment, operator, operator === '<' || operator === '>=' ? range.from : range.to);
    });
  };
}

function comparedWithEachOther(
  left: Source,
  operator: ComparisonOperator,
  right: Source,
  place: { from: number; till: number },
): Holds {
  if (operator === '!=') {
    const equal = comparedWithEachOther(left, '==', right, place);
    return (subject) => !equal(subject);
  }
  const { type } = left;
  if (type !== right.type) {
    const message = `${left.label} is ${describedType[type]} and ${right.label} ${describedType[right.type]}: they cannot be compared.`;
    throw filterError({ message, from: place.from, till: place.till });
  }
  const anyPair = <T extends string | number>(
    values: (source: Source, subject: FilterSubject) => readonly T[],
  ): Holds => {
    return (subject) => {
      const others = values(right, subject);
      return values(left, subject).some((one) => others.some((other) => inOrder(one, operator, other)));
    };
  };
  if (type === 'number' || type === 'age') return anyPair((source, subject) => numbersOf(source, type, subject));
  if (type === 'date' || type === 'time' || type === 'date-time') {
    return anyPair((source, subject) =>
      source.texts(subject).flatMap((text) => storedMoment(type, text, source.offset(subject)) ?? []),
    );
  }
  requireNoOrder(left, operator, place);
  return anyPair((source, subject) => source.texts(subject));
}
