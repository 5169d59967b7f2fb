import fc from 'fast-check';
import type { Expression, Literal, Path } from '../../src/publisher/filter-language/expression.ts';

const nowhere = { from: 0, till: 0 };

function quoted(text: string): string {
  return `'${text.replace(/[\\'\n\r\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}

function printedLiteral({ value }: Literal): string {
  return typeof value === 'number' ? String(value) : quoted(value);
}

function printedPath({ steps }: Path): string {
  return steps
    .map((step) => {
      if (step.kind === 'name') return step.name;
      return `tag(${[step.tag, step.creator].flatMap((one) => (one === undefined ? [] : [quoted(one)])).join(', ')})`;
    })
    .join('.');
}

/** An expression as somebody may write it. */
export function printed(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.operands
        .map((operand) =>
          operand.kind === 'and' || operand.kind === 'or' ? `(${printed(operand)})` : printed(operand),
        )
        .join(expression.kind === 'and' ? ' && ' : ' || ');
    case 'not':
      return `!(${printed(expression.operand)})`;
    case 'constant':
      return String(expression.value);
    case 'comparison': {
      const { left, operator, right } = expression;
      return `${printedPath(left)} ${operator} ${right.kind === 'path' ? printedPath(right) : printedLiteral(right)}`;
    }
    case 'in':
      return `${printedPath(expression.left)} in [${expression.values.map(printedLiteral).join(', ')}]`;
    case 'test': {
      const text = expression.text === undefined ? '' : `, ${printedLiteral(expression.text)}`;
      return `${expression.name}(${printedPath(expression.path)}${text})`;
    }
  }
}

/** What is compared when two expressions are to be the same. */
export function withoutPlaces(expression: Expression): unknown {
  return JSON.parse(
    JSON.stringify(expression, (key, value: unknown) => (key === 'from' || key === 'till' ? 0 : value)),
  );
}

function path(...names: string[]): fc.Arbitrary<Path> {
  return fc.constantFrom(...names).map((written): Path => {
    const steps = written.split('.').map((name) => {
      const [, tag, creator] = /^#(\w+)(?:@(\w+))?$/.exec(name) ?? [];
      return tag === undefined
        ? { kind: 'name' as const, name, ...nowhere }
        : { kind: 'tag' as const, tag, creator, ...nowhere };
    });
    return { kind: 'path', steps: steps as unknown as Path['steps'], ...nowhere };
  });
}

const literal = (values: fc.Arbitrary<string | number>): fc.Arbitrary<Literal> =>
  values.map((value) => ({ kind: 'literal', value, ...nowhere }));

const text = fc.string().filter((value) => value.trim() !== '');
const number = fc
  .oneof(fc.integer({ min: -4000, max: 4000 }), fc.constantFrom(1.25, 512, 0.001))
  .filter((n) => !Object.is(n, -0));
const texts = path(
  'Modality',
  'ImageType',
  'PatientName',
  'PatientName.FamilyName',
  'CallingAETitle',
  'RequestAttributesSequence.ScheduledProcedureStepID',
  '#00080060',
  '#0009xx01@ACME',
);
const numbers = path('Rows', 'SliceThickness', '#00280010', 'InstanceNumber', 'PatientAge');
const days = path('StudyDate', 'PatientBirthDate', 'ReceivedTime', 'AcquisitionDateTime');

const leaf: fc.Arbitrary<Expression> = fc
  .oneof(
    fc.record({ kind: fc.constant('constant' as const), value: fc.boolean() }),
    fc.record({
      kind: fc.constant('comparison' as const),
      operator: fc.constantFrom('==' as const, '!=' as const),
      left: texts,
      right: literal(text),
    }),
    fc.record({
      kind: fc.constant('comparison' as const),
      operator: fc.constantFrom('==' as const, '<' as const, '>=' as const),
      left: numbers,
      right: literal(number),
    }),
    fc.record({
      kind: fc.constant('comparison' as const),
      operator: fc.constantFrom('>' as const, '<=' as const),
      left: days,
      right: literal(fc.constantFrom('2024-03-05', '19991231')),
    }),
    fc.record({
      kind: fc.constant('in' as const),
      left: texts,
      values: fc.array(literal(text), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant('test' as const),
      name: fc.constant('exists' as const),
      path: fc.oneof(texts, numbers, days),
      text: fc.constant(undefined),
    }),
    fc.record({
      kind: fc.constant('test' as const),
      name: fc.constantFrom('like' as const, 'contains' as const),
      path: texts,
      text: literal(fc.string()),
    }),
  )
  .map((expression) => ({ ...expression, ...nowhere }));

const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    tie('tree').map((operand): Expression => ({ kind: 'not', operand, ...nowhere })),
    fc
      .record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      })
      .map(
        ({ kind, operands }): Expression => ({
          kind,
          // A chain within a chain of the same kind, at its left end, is the same chain.
          operands: operands.map((operand) => (operand.kind === kind ? { kind: 'not', operand, ...nowhere } : operand)),
          ...nowhere,
        }),
      ),
  ),
}));

/** Expressions that mean something, as the parser gives them but for their places. */
export const arbitraryExpression: fc.Arbitrary<Expression> = tree.filter(
  (expression) => printed(expression).length < 1000,
);
