import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalValue } from '../../../src/dicom/decimal-string.ts';

describe('a decimal or integer string', () => {
  test.each([
    ['0', 0],
    ['-5', -5],
    ['+7', 7],
    ['1.50', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-3', 0.001],
    ['-1.25E+2', -125],
    ['-0', 0],
    ['0.00000000000001', 1e-14],
    ['1234567890123456', 1234567890123456],
  ])('%s is a number', (text, number) => {
    expect(decimalValue(text)).toBe(number);
  });

  test.each(['9007199254740993', '0.12345678901234567', '1e400', '1e-400', '12345678901234567890'])(
    '%s stays text, as a number would lose digits',
    (text) => {
      expect(decimalValue(text)).toBe(text);
    },
  );

  test.each(['', '-', 'abc', '1,5', '1 2', '0x10', '1.2.3', 'NaN', 'Infinity', '--1'])('%o stays as it is', (text) => {
    expect(decimalValue(text)).toBe(text);
  });

  test('that comes from a number gives that number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(decimalValue(String(number))).toBe(number + 0);
      }),
    );
  });

  test('either comes back exactly or stays text', () => {
    const digits = fc.stringMatching(/^-?[0-9]{1,20}(\.[0-9]{1,20})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        const value = decimalValue(text);
        if (typeof value === 'number') expect(exact(String(value))).toEqual(exact(text));
        else expect(value).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  /** As an integer over a power of ten. */
  function exact(text: string): bigint {
    const [, sign = '', mantissa = '', exponent = '0'] = /^(-?)([^e]+)(?:e(.+))?$/.exec(text) ?? [];
    const [whole = '', fraction = ''] = mantissa.split('.');
    const size = BigInt(whole + fraction) * 10n ** BigInt(400 + Number(exponent) - fraction.length);
    return sign === '-' ? -size : size;
  }
});
