import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import type { FilterSubject } from '../../../src/publisher/filter.ts';
import { compileFilter } from '../../../src/publisher/filter-language/compile-filter.ts';
import type { Expression } from '../../../src/publisher/filter-language/expression.ts';
import { filterProblemOf } from '../../../src/publisher/filter-language/filter-problem.ts';
import { parseExpression } from '../../../src/publisher/filter-language/parse-expression.ts';
import { arbitraryExpression, printed, withoutPlaces } from '../../support/filter-expressions.ts';

const document = readFileSync(new URL('../../../docs/filters.md', import.meta.url), 'utf8');

const subject: FilterSubject = {
  attributes: JSON.parse(/```json\n([\s\S]*?)```/.exec(document)![1]!) as DicomJson,
  callingAeTitle: 'CT_ROOM1',
  receivedAt: new Date(2024, 2, 5, 21, 30),
};

/** Cells of the table whose header begins with this one, without the quotation of code. */
function rowsOf(header: string): string[][] {
  const lines = document.slice(document.indexOf(header)).split('\n\n')[0]!.trim().split('\n').slice(2);
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}

function code(cell: string): string {
  return cell.replace(/^`|`$/g, '');
}

/** What is wrong with an expression. */
function problemOf(expression: string) {
  try {
    compileFilter(expression);
  } catch (thrown) {
    const problem = filterProblemOf(thrown);
    if (problem === undefined) throw thrown;
    return problem;
  }
  return undefined;
}

describe('the examples of docs/filters.md', () => {
  const examples = rowsOf('| expression | selected');
  const errors = rowsOf('| expression | place');

  it.each(examples)('%s: %s', (cell, selected, why = '') => {
    const filter = compileFilter(code(cell));
    expect(filter.selects(subject)).toBe(selected === 'yes');
    const refusal = filter.whyNot(subject);
    if (selected === 'yes') {
      expect(refusal).toBeUndefined();
    } else {
      expect(`\`${refusal?.clause}\`: ${refusal?.because}`).toBe(why);
      expect(code(cell).slice(refusal?.from, refusal?.till)).toBe(refusal?.clause);
    }
  });

  it.each(errors)('%s is refused at %s', (cell, place, message, instead) => {
    const problem = problemOf(code(cell));
    expect(code(cell).slice(problem?.from, problem?.till)).toBe(code(place!));
    expect(problem?.message).toBe(message);
    expect(problem?.suggestion ?? '').toBe(code(instead!));
  });

  it('are there', () => {
    expect([examples.length > 30, errors.length > 15]).toEqual([true, true]);
  });
});

describe('the filter language', () => {
  it('selects everything by an empty expression', () => {
    expect(compileFilter(' \n').selects(subject)).toBe(true);
  });

  it.each([
    'process.exit()',
    "Modality.constructor.constructor('return 1')()",
    '__proto__ == 1',
    'exists(constructor)',
    'Modality == `CT`',
    '/a+/ == Modality',
    '(() => true)()',
    'true ? true : false',
    'Modality?.x == 1',
    'exists(Modality) /* all */',
    'exists(Modality) // all',
    'exists(Modality);',
    'exists(...Modality)',
    'exists(\\u004dodality)',
    'new exists(Modality)',
    'Rows = 1',
    'Rows + 1 == 2',
    "'a' == 'a'",
    '5',
    'Rows == 1e999',
    'ReceivedTime.Date == 1',
    'PatientName.Familyname == 1',
    "tag('nonsense') == 1",
    "tag('0019,xx0C') == 1",
    "tag('00280010', 'creator') == 1",
    'Modality in []',
    "Modality in ['CT',,'MR']",
    'exists()',
    "contains(Rows, 'x')",
    'StudyDate == StudyTime',
    'like(Modality, 1)',
    `like(Modality, '${'*a'.repeat(126)}')`,
    '#Modality in Rows',
  ])('refuses %s, and says where', (expression) => {
    const problem = problemOf(expression)!;
    expect(problem.message).toMatch(/\.$/);
    expect(problem.from).toBeLessThanOrEqual(problem.till);
    expect(problem.till).toBeLessThanOrEqual(expression.length);
  });

  it('bounds the length and the depth of expressions', () => {
    expect(problemOf(`${' '.repeat(4000)}x`)).toMatchObject({ message: expect.stringContaining('4000'), from: 4000 });
    for (const deep of ['('.repeat(45), '!'.repeat(45), '('.repeat(1900), '!'.repeat(3900), '-'.repeat(3900)]) {
      expect(problemOf(`${deep}true${')'.repeat(deep.startsWith('(') ? deep.length : 0)}`)).toBeDefined();
    }
    const long = Array.from({ length: 300 }, () => 'Rows == 1').join(' || ');
    expect(compileFilter(long).selects(subject)).toBe(false);
  });

  it('reads dates without an offset at that of the instance', () => {
    const filter = compileFilter("AcquisitionDateTime == '2024-03-05T22'");
    const at = (offset: string) => ({
      ...subject,
      attributes: {
        '0008002A': { vr: 'DT' as const, Value: ['20240305203000+0000'] },
        '00080201': { vr: 'SH' as const, Value: [offset] },
      },
    });
    expect([filter.selects(at('+0200')), filter.selects(at('+0100')), filter.selects(at('nonsense'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('takes comparisons of attributes with one another', () => {
    expect(compileFilter('Rows == Rows && !(StudyDate < StudyDate)').selects(subject)).toBe(true);
    expect(compileFilter('Rows == Columns').whyNot(subject)?.because).toBe('Rows is 512; Columns is not there');
  });

  it('never throws anything but a problem with a place within the text, whatever it is given', () => {
    const word = fc.constantFrom(
      'Modality',
      '(',
      ')',
      '[',
      ']',
      "'",
      '"',
      '&&',
      '||',
      '!',
      '==',
      'in',
      '.',
      ',',
      'tag',
      'exists',
      '5',
      ' ',
      '\\',
      '`',
      '${',
      '/',
      '=>',
      '\ud800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word).map((words) => words.join('')),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        const problem = problemOf(expression);
        if (problem === undefined) return;
        expect(problem.from).toBeGreaterThanOrEqual(0);
        expect(problem.from).toBeLessThanOrEqual(problem.till);
        expect(problem.till).toBeLessThanOrEqual(expression.length);
      }),
      { numRuns: 600 },
    );
  });

  it('reads back what is printed', () => {
    fc.assert(
      fc.property(arbitraryExpression, (expression) => {
        expect(withoutPlaces(parseExpression(printed(expression))!)).toEqual(withoutPlaces(expression));
      }),
    );
  });

  it('knows the place of every part', () => {
    fc.assert(
      fc.property(arbitraryExpression, (expression) => {
        const text = printed(expression);
        const check = (part: Expression): void => {
          expect(withoutPlaces(parseExpression(text.slice(part.from, part.till))!)).toEqual(withoutPlaces(part));
          if ('operands' in part) part.operands.forEach(check);
          if ('operand' in part) check(part.operand);
        };
        check(parseExpression(text)!);
      }),
    );
  });

  it('is a logic of two values: De Morgan, double negation, and refusals exactly of what is not selected', () => {
    fc.assert(
      fc.property(arbitraryExpression, arbitraryExpression, arbitrarySubject, (a, b, about) => {
        const [p, q] = [printed(a), printed(b)];
        const selects = (text: string) => compileFilter(text).selects(about);
        expect(selects(`!((${p}) && (${q}))`)).toBe(selects(`!(${p}) || !(${q})`));
        expect(selects(`!((${p}) || (${q}))`)).toBe(selects(`!(${p}) && !(${q})`));
        expect(selects(`!(!(${p}))`)).toBe(selects(p));
        const text = `(${p}) && (${q})`;
        const refusal = compileFilter(text).whyNot(about);
        expect(refusal === undefined).toBe(selects(text));
        if (refusal === undefined) return;
        expect(text.slice(refusal.from, refusal.till)).toBe(refusal.clause);
        expect(selects(refusal.clause)).toBe(false);
      }),
    );
  });
});

/** What no scanner writes, too. */
const arbitrarySubject: fc.Arbitrary<FilterSubject> = fc.record({
  attributes: fc.dictionary(
    fc.constantFrom(
      '00080060',
      '00100010',
      '00280010',
      '00080020',
      '0008002A',
      '00400275',
      '00101010',
      '00091001',
      '00090010',
    ),
    fc.oneof(
      fc.anything(),
      fc.record({
        vr: fc.constantFrom('CS', 'PN', 'US', 'DA', 'SQ', 'ACME'),
        Value: fc.array(
          fc.oneof(
            fc.string(),
            fc.integer(),
            fc.anything(),
            fc.constantFrom('CT', '20240305', '045Y'),
            fc.constant({ Alphabetic: 'A^B' }),
          ),
        ),
      }),
    ),
  ) as fc.Arbitrary<DicomJson>,
  callingAeTitle: fc.option(fc.string(), { nil: undefined }),
  receivedAt: fc.date(),
});
