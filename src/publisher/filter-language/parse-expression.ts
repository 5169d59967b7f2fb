import { type Expression as Node, parseExpressionAt } from 'acorn';
import type { ComparisonOperator, Expression, Literal, Path, PathStep, Place, TestName } from './expression.ts';
import { filterError } from './filter-problem.ts';

/** Characters of an expression. */
const maxExpressionLength = 4000;
/** Expressions within one another; operands of a chain of `&&` or `||` stand side by side. */
const maxExpressionDepth = 40;
/** Characters of a pattern: what comparing takes grows with them. */
const maxPatternLength = 250;

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const mirrored: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
const tests: readonly TestName[] = ['exists', 'contains', 'like'];

/**
 * Reads an expression. Its syntax is a part of that of JavaScript's expressions, of which acorn makes a tree; nothing of it
 * is ever run.
 * @returns undefined for one that is empty
 * @throws CausewayError `bad-request` with the place at fault, see `filterProblemOf`
 */
export function parseExpression(text: string): Expression | undefined {
  if (text.length > maxExpressionLength) {
    const message = `The expression has more than ${maxExpressionLength} characters.`;
    throw filterError({ message, from: maxExpressionLength, till: text.length });
  }
  if (text.trim() === '') return undefined;
  return createReader(text).expression(parsed(text), 1);
}

/** The tree of the whole text. */
function parsed(text: string): Node {
  try {
    const node = parseExpressionAt(text, 0, {
      ecmaVersion: 2022,
      sourceType: 'module',
      preserveParens: true,
      onComment: (_block, _text, from, till) => {
        throw filterError({ message: 'An expression has no comments.', from, till });
      },
    });
    const rest = text.slice(node.end);
    if (rest.trim() !== '') throw unexpected(text, node.end + rest.length - rest.trimStart().length);
    return node;
  } catch (thrown) {
    // Neither the parser nor what walks its tree does anything but return: a full stack leaves nothing behind.
    if (thrown instanceof RangeError) throw tooDeep({ from: 0, till: text.length });
    if (thrown instanceof SyntaxError && 'pos' in thrown) throw unreadable(text, Number(thrown.pos), thrown.message);
    throw thrown;
  }
}

function tooDeep(place: Place) {
  return filterError({ message: `Parts of the expression stand in more than ${maxExpressionDepth} others.`, ...place });
}

function unreadable(text: string, pos: number, message: string) {
  const at = Math.min(Math.max(pos, 0), text.length);
  if (/Unterminated string/.test(message)) {
    return filterError({
      message: 'The text that begins here does not end.',
      from: at,
      till: text.length,
      suggestion: "'",
    });
  }
  if (/Assigning to/.test(message)) return assignment(text, at);
  if (/Octal literal|Invalid number|Identifier directly after number/.test(message)) {
    const from = at - (/[0-9A-Fa-f]*$/.exec(text.slice(0, at))?.[0].length ?? 0);
    const [word = ''] = /^[0-9A-Za-z_]*/.exec(text.slice(from)) ?? [];
    return filterError({
      message: `${word} is no number. Attributes are named by their keywords, or as tag('00280010').`,
      from,
      till: from + Math.max(1, word.length),
    });
  }
  return unexpected(text, at);
}

function assignment(text: string, from: number) {
  const sign = text.indexOf('=', from);
  const place = sign < 0 ? { from, till: text.length } : { from: sign, till: sign + 1 };
  return filterError({ message: 'Values are compared by ==.', ...place, suggestion: '==' });
}

const words: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!', AND: '&&', OR: '||', NOT: '!' };

function unexpected(text: string, from: number) {
  const [word] = /^(\w+|\S)/.exec(text.slice(from)) ?? [];
  if (word === undefined) {
    return filterError({ message: 'The expression ends too early.', from: text.length, till: text.length });
  }
  const place = { from, till: from + word.length };
  const sign = words[word];
  if (sign !== undefined) return filterError({ message: `For ${word} write ${sign}.`, ...place, suggestion: sign });
  const before = words[/(\w+)\s*$/.exec(text.slice(0, from))?.[1] ?? ''];
  if (before === '!') {
    const at = text.slice(0, from).trimEnd().length - 3;
    return filterError({ message: 'For not write !.', from: at, till: at + 3, suggestion: '!' });
  }
  if (word === 'contains' || word === 'like') {
    return filterError({ message: `Write ${word}(attribute, 'text').`, ...place });
  }
  if (word === "'" || word === '"') return filterError({ message: 'No text is expected here.', ...place });
  return filterError({ message: `${word} is not expected here.`, ...place });
}

function createReader(text: string) {
  const placeOf = ({ start, end }: { start: number; end: number }): Place => ({ from: start, till: end });

  function wrong(node: { start: number; end: number }, message: string, suggestion?: string) {
    return filterError({ message, ...placeOf(node), ...(suggestion !== undefined && { suggestion }) });
  }

  function expression(node: Node, depth: number): Expression {
    if (depth > maxExpressionDepth) throw tooDeep(placeOf(node));
    const place = placeOf(node);
    switch (node.type) {
      case 'ParenthesizedExpression':
        return { ...expression(node.expression, depth + 1), ...place };
      case 'LogicalExpression':
        if (node.operator === '??') throw wrong(node, 'Expressions are joined by && and ||.');
        return chain(node, node.operator, depth);
      case 'UnaryExpression':
        if (node.operator !== '!') throw wrong(node, `Here ${node.operator} has no meaning.`);
        return { kind: 'not', operand: expression(node.argument, depth + 1), ...place };
      case 'BinaryExpression':
        return comparison(node);
      case 'Literal':
        if (typeof node.value === 'boolean') return { kind: 'constant', value: node.value, ...place };
        throw wrong(node, 'A value alone is neither true nor false.');
      case 'CallExpression':
        return test(node);
      case 'AssignmentExpression':
        throw assignment(text, node.left.end);
      case 'Identifier':
      case 'MemberExpression': {
        const written = text.slice(node.start, node.end);
        throw wrong(node, `To ask whether there is a value, write exists(${written}).`, `exists(${written})`);
      }
      case 'SequenceExpression':
        throw wrong(node, "A tag is written as tag('00280010'); a comma stands in lists and functions only.");
      default:
        throw wrong(node, 'This is no part of the filter language.');
    }
  }

  /** `a && b && c` comes as `(a && b) && c`: walked without recursion, as it may be long. */
  function chain(node: Node, operator: '&&' | '||', depth: number): Expression {
    const operands: Node[] = [];
    let rest = node;
    while (rest.type === 'LogicalExpression' && rest.operator === operator) {
      operands.unshift(rest.right);
      rest = rest.left;
    }
    operands.unshift(rest);
    return {
      kind: operator === '&&' ? 'and' : 'or',
      operands: operands.map((operand) => expression(operand, depth + 1)),
      ...placeOf(node),
    };
  }

  function comparison(node: Node & { type: 'BinaryExpression' }): Expression {
    const { operator, left, right } = node;
    if (left.type === 'PrivateIdentifier') throw wrong(left, 'This is no part of the filter language.');
    if (left.type === 'UnaryExpression' && left.operator === '!') {
      const suggestion = `!(${text.slice(left.argument.start, node.end)})`;
      throw wrong(node, `What is said to be not so stands in parentheses: ${suggestion}.`, suggestion);
    }
    if (operator === '===' || operator === '!==') {
      const from = text.indexOf(operator, left.end);
      const suggestion = operator.slice(0, 2);
      throw filterError({ message: `Values are compared by ${suggestion}.`, from, till: from + 3, suggestion });
    }
    if (operator === 'in') {
      const list = unwrapped(right);
      if (list.type !== 'ArrayExpression') throw wrong(list, "Behind in stands a list: ['CT', 'MR'].");
      if (list.elements.length === 0) throw wrong(list, 'The list is empty.');
      const values = list.elements.map((one) => {
        if (one === null) throw wrong(list, 'A value of the list is missing.');
        if (one.type === 'SpreadElement') throw wrong(one, 'This is no part of the filter language.');
        return literal(one);
      });
      return { kind: 'in', left: path(left), values, ...placeOf(node) };
    }
    if (!comparisons.has(operator)) throw wrong(node, `There is no operator ${operator}.`);
    const known = operator as ComparisonOperator;
    const [first, second] = [operand(left), operand(right)];
    if (first.kind === 'path')
      return { kind: 'comparison', operator: known, left: first, right: second, ...placeOf(node) };
    if (second.kind !== 'path') throw wrong(node, 'Two values are compared, and no attribute.');
    return { kind: 'comparison', operator: mirrored[known], left: second, right: first, ...placeOf(node) };
  }

  function unwrapped(node: Node): Node {
    let inner = node;
    while (inner.type === 'ParenthesizedExpression') inner = inner.expression;
    return inner;
  }

  function operand(node: Node): Path | Literal {
    const inner = unwrapped(node);
    if (inner.type === 'Literal' || inner.type === 'UnaryExpression' || inner.type === 'TemplateLiteral') {
      return literal(inner);
    }
    return path(inner);
  }

  function literal(node: Node): Literal {
    const inner = unwrapped(node);
    if (inner.type === 'Literal' && (typeof inner.value === 'string' || typeof inner.value === 'number')) {
      if (!Number.isFinite(inner.value) && typeof inner.value === 'number')
        throw wrong(inner, 'The number is too large.');
      return { kind: 'literal', value: inner.value, ...placeOf(inner) };
    }
    if (inner.type === 'UnaryExpression' && inner.operator === '-') {
      const { value } = literal(inner.argument);
      if (typeof value === 'number' && inner.argument.type === 'Literal') {
        return { kind: 'literal', value: -value, ...placeOf(inner) };
      }
    }
    if (inner.type === 'Identifier') {
      throw wrong(inner, 'A value stands in quotation marks.', `'${inner.name}'`);
    }
    throw wrong(inner, 'Here a text in quotation marks or a number is expected.');
  }

  function path(node: Node): Path {
    if (node.type === 'ParenthesizedExpression') return path(node.expression);
    const steps: PathStep[] = [];
    let rest: Node = node;
    while (rest.type === 'MemberExpression' || rest.type === 'CallExpression') {
      if (rest.type === 'MemberExpression') {
        if (rest.computed || rest.optional || rest.property.type !== 'Identifier') {
          throw wrong(rest, 'Items of sequences are not numbered: a path goes over all of them.');
        }
        steps.unshift(named(rest.property));
        rest = rest.object as Node;
        continue;
      }
      const { callee } = rest;
      const isMember = callee.type === 'MemberExpression' && !callee.computed && !callee.optional;
      const name = isMember ? callee.property : callee;
      if (rest.optional || name.type !== 'Identifier' || name.name !== 'tag') throw notPath(rest);
      steps.unshift(tag(rest));
      if (!isMember) {
        return { kind: 'path', steps: steps as [PathStep, ...PathStep[]], ...placeOf(node) };
      }
      rest = callee.object as Node;
    }
    if (rest.type !== 'Identifier') throw notPath(rest);
    return { kind: 'path', steps: [named(rest), ...steps], ...placeOf(node) };
  }

  function notPath(node: { type: string; start: number; end: number }) {
    return wrong(node, node.type === 'Literal' ? 'Here an attribute is expected.' : 'This is no attribute.');
  }

  function named(node: { name: string; start: number; end: number }): PathStep {
    if (text.slice(node.start, node.end) !== node.name) throw wrong(node, 'Names are written without escapes.');
    return { kind: 'name', name: node.name, ...placeOf(node) };
  }

  function tag(node: Node & { type: 'CallExpression' }): PathStep {
    const [number, creator, ...more] = node.arguments;
    const texts = [number, creator].map((one) =>
      one?.type === 'Literal' && typeof one.value === 'string' ? one.value : undefined,
    );
    if (texts[0] === undefined || more.length > 0 || (creator !== undefined && texts[1] === undefined)) {
      throw wrong(node, "A tag is written as tag('00280010'), a private one as tag('0019,xx0C', 'creator').");
    }
    return { kind: 'tag', tag: texts[0], creator: texts[1], ...placeOf(node) };
  }

  function test(node: Node & { type: 'CallExpression' }): Expression {
    const { callee } = node;
    const name = callee.type === 'Identifier' ? tests.find((one) => one === callee.name) : undefined;
    if (name === undefined) {
      const written = text.slice(callee.start, callee.end);
      if (written === 'tag')
        throw wrong(node, 'An attribute alone is neither true nor false: compare it, or ask exists().');
      throw wrong(callee, `There is no function ${written}; there are ${tests.join(', ')} and tag.`);
    }
    const expected = name === 'exists' ? 1 : 2;
    const [first, second] = node.arguments;
    if (node.optional || node.arguments.length !== expected || first === undefined || first.type === 'SpreadElement') {
      throw wrong(node, expected === 1 ? `${name} takes one attribute.` : `${name} takes an attribute and a text.`);
    }
    const found = path(first);
    if (second === undefined) return { kind: 'test', name, path: found, text: undefined, ...placeOf(node) };
    if (second.type === 'SpreadElement') throw wrong(second, 'This is no part of the filter language.');
    const pattern = literal(second);
    if (typeof pattern.value !== 'string') throw wrong(second, `${name} looks for a text, in quotation marks.`);
    if (pattern.value.length > maxPatternLength) {
      throw wrong(second, `The text has more than ${maxPatternLength} characters.`);
    }
    return { kind: 'test', name, path: found, text: pattern, ...placeOf(node) };
  }

  return { expression };
}
