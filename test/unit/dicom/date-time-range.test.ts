import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinedRange, dateRange, dateTimeRange, timeRange } from '../../../src/dicom/date-time-range.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

describe('a range of dates', () => {
  it.each([
    ['20240229', { from: '20240229', to: '20240229' }],
    ['2024.02.29', { from: '20240229', to: '20240229' }],
    ['20240101-20241231', { from: '20240101', to: '20241231' }],
    [' 20240101 - 20241231 ', { from: '20240101', to: '20241231' }],
    ['20240101-', { from: '20240101' }],
    ['-20241231', { to: '20241231' }],
    ['', {}],
  ])('%j is read', (text, range) => {
    expect(dateRange(text)).toEqual(range);
  });

  it.each(['-', ' - ', '20230229', '2024', '20241301', '20240101-20240102-20240103', '--', 'today', '20240101-x'])(
    '%j is refused',
    (text) => {
      expect(() => dateRange(text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    },
  );

  it('is refused if it ends before it begins', () => {
    expect(() => dateRange('20250101-20240101')).toThrow('The range ends before it begins.');
  });
});

describe('a range of times', () => {
  it.each([
    ['10', { from: '100000.000000', to: '105959.999999' }],
    ['1030', { from: '103000.000000', to: '103059.999999' }],
    ['10:30', { from: '103000.000000', to: '103059.999999' }],
    ['103015', { from: '103015.000000', to: '103015.999999' }],
    ['10:30:15.5', { from: '103015.500000', to: '103015.599999' }],
    ['103015.123456', { from: '103015.123456', to: '103015.123456' }],
    ['10-12', { from: '100000.000000', to: '125959.999999' }],
    ['10-', { from: '100000.000000' }],
    ['-1230', { to: '123059.999999' }],
    ['', {}],
  ])('%j is read', (text, range) => {
    expect(timeRange(text)).toEqual(range);
  });

  it.each(['-', '24', '1060', '1', '10.5', '12-10', '10-11-12', 'noon'])('%j is refused', (text) => {
    expect(() => timeRange(text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});

describe('a range of dates with times', () => {
  it.each([
    ['2024', { from: '20240101000000.000000', to: '20241231235959.999999' }],
    ['202402', { from: '20240201000000.000000', to: '20240229235959.999999' }],
    ['2024022910', { from: '20240229100000.000000', to: '20240229105959.999999' }],
    ['20240229101112.25', { from: '20240229101112.250000', to: '20240229101112.259999' }],
    ['20240101000000+0100', { from: '20231231230000.000000', to: '20231231230000.999999' }],
    ['2023-0500', { from: '20230101050000.000000', to: '20240101045959.999999' }],
    ['2023-2024', { from: '20230101000000.000000', to: '20241231235959.999999' }],
    ['20230101-0500-20230201-0500', { from: '20230101050000.000000', to: '20230202045959.999999' }],
    ['20230101-0500-', { from: '20230101050000.000000' }],
    ['-20230101-0500', { to: '20230102045959.999999' }],
    ['-2023', { to: '20231231235959.999999' }],
    ['2023+0200-2024+0200', { from: '20221231220000.000000', to: '20241231215959.999999' }],
    ['', {}],
  ])('%j is read', (text, range) => {
    expect(dateTimeRange(text)).toEqual(range);
  });

  it('takes the offset of the query where a value has none', () => {
    expect(dateTimeRange('20240101-20240102+0000', '+0200')).toEqual({
      from: '20231231220000.000000',
      to: '20240102235959.999999',
    });
  });

  it.each(['-', '202', '20240230', '2024.5', '2024+1500', '2024+0060', '2024-2023', '20240101-20240102-20240103'])(
    '%j is refused',
    (text) => {
      expect(() => dateTimeRange(text)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    },
  );
});

describe('a date key with its time key', () => {
  it('is one range from the first time of the first day to the last time of the last', () => {
    expect(combinedRange('20240101-20240103', '10-12')).toEqual({
      from: '20240101100000.000000',
      to: '20240103125959.999999',
    });
    expect(combinedRange('20240101-20240103', '22-06')).toEqual({
      from: '20240101220000.000000',
      to: '20240103065959.999999',
    });
  });

  it('stays open where the dates are', () => {
    expect(combinedRange('20240101-', '10-12')).toEqual({ from: '20240101100000.000000' });
    expect(combinedRange('-20240101', '10-12')).toEqual({ to: '20240101125959.999999' });
  });

  it('covers whole days where the times are open', () => {
    expect(combinedRange('20240101', '10-')).toEqual({ from: '20240101100000.000000', to: '20240101235959.999999' });
    expect(combinedRange('20240101', '')).toEqual({ from: '20240101000000.000000', to: '20240101235959.999999' });
  });

  it('is refused if it ends before it begins', () => {
    expect(() => combinedRange('20240101', '22-06')).toThrow('The range ends before it begins.');
  });
});

describe('any text', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.:+ -]{0,40}$/));

  it('is read or refused with a reason, and never bounds a range the wrong way round', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(dateRange, timeRange, dateTimeRange), (value, read) => {
        try {
          const { from, to } = read(value);
          if (from !== undefined && to !== undefined) expect(from <= to).toBe(true);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(CausewayError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('that is a moment lies in the range of each of its shorter forms', () => {
    const moment = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.constantFrom(4, 6, 8, 10, 12, 14), (date, digits) => {
        const full = date.toISOString().slice(0, 19).replace(/\D/g, '');
        const { from = '', to = '' } = dateTimeRange(full.slice(0, digits));
        expect(from <= `${full}.000000` && `${full}.000000` <= to).toBe(true);
      }),
    );
  });
});
