import { describe, expect, it } from 'vitest';
import { age } from '../../../src/ui/format.ts';

describe('the age of a patient', () => {
  it.each([
    ['as it is given', '054Y', '19500101', '20240101', '54 y'],
    ['counted to the study', undefined, '19500102', '20240101', '73 y'],
    ['counted on the birthday', undefined, '19500101', '20240101', '74 y'],
    ['of who was born on a leap day', undefined, '20000229', '20230228', '22 y'],
    ['unknown where only the year of birth is known', undefined, '19500000', '20240101', ''],
    ['unknown where there is no such day', undefined, '19500230', '20240101', ''],
    ['unknown where the study has no such day', undefined, '19500101', '20241301', ''],
    ['unknown where the birth lies behind the study', undefined, '20250101', '20240101', ''],
    ['unknown where nothing is known', undefined, undefined, '20240101', ''],
    ['as it stands where it is no age and the birth is no date', 'old', '1950', undefined, 'old'],
  ])('is shown %s', (_how, given, born, at, shown) => {
    expect(age(given, born, at)).toBe(shown);
  });

  it.each([undefined, ''])('is not that of today where it is not known when the study was: %j', (at) => {
    expect(age(undefined, '19500101', at)).toBe('');
  });
});
