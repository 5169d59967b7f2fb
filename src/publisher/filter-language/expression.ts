/** Where something stands in the text of an expression: indexes of its first character, and behind its last. */
export interface Place {
  readonly from: number;
  readonly till: number;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** Functions of the language whose result is yes or no. */
export type TestName = 'exists' | 'contains' | 'like';

export interface Literal extends Place {
  readonly kind: 'literal';
  readonly value: string | number;
}

/** One step from a data set to a value: a keyword, or a tag by its number. */
export type PathStep = Place &
  (
    | { readonly kind: 'name'; readonly name: string }
    /** As written: eight hexadecimal digits, a comma between group and element; `xx` for the block of a private creator. */
    | { readonly kind: 'tag'; readonly tag: string; readonly creator: string | undefined }
  );

/** `RequestAttributesSequence.ScheduledProcedureStepID`. */
export interface Path extends Place {
  readonly kind: 'path';
  readonly steps: readonly [PathStep, ...PathStep[]];
}

/** An expression as it is written; what its names mean is not looked at. */
export type Expression = Place &
  (
    | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
    | { readonly kind: 'not'; readonly operand: Expression }
    | { readonly kind: 'constant'; readonly value: boolean }
    | {
        readonly kind: 'comparison';
        readonly operator: ComparisonOperator;
        readonly left: Path;
        readonly right: Path | Literal;
      }
    | { readonly kind: 'in'; readonly left: Path; readonly values: readonly Literal[] }
    | {
        readonly kind: 'test';
        readonly name: TestName;
        readonly path: Path;
        /** None for `exists`. */
        readonly text: Literal | undefined;
      }
  );
