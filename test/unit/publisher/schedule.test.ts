import { describe, expect, it } from 'vitest';
import { opensAt } from '../../../src/publisher/schedule.ts';

// Local time; 2 March 2026 is a Monday.
const at = (day: number, hours: number, minutes = 0) => new Date(2026, 2, day, hours, minutes);
const nights = [{ days: [], from: '22:00', till: '06:00' }];
const officeHours = [{ days: [1, 2, 3, 4, 5], from: '08:30', till: '17:00' }];

describe('a schedule', () => {
  it('that is empty is always open', () => {
    expect(opensAt([], at(2, 3))).toEqual(at(2, 3));
  });

  it('is open from its begin up to its end, which no longer belongs to it', () => {
    expect(opensAt(officeHours, at(2, 8, 29))).toEqual(at(2, 8, 30));
    expect(opensAt(officeHours, at(2, 8, 30))).toEqual(at(2, 8, 30));
    expect(opensAt(officeHours, at(2, 16, 59))).toEqual(at(2, 16, 59));
    expect(opensAt(officeHours, at(2, 17))).toEqual(at(3, 8, 30));
  });

  it('goes over midnight if it ends before it begins', () => {
    expect(opensAt(nights, at(2, 23))).toEqual(at(2, 23));
    expect(opensAt(nights, at(2, 5, 59))).toEqual(at(2, 5, 59));
    expect(opensAt(nights, at(2, 6))).toEqual(at(2, 22));
  });

  it('passes over days that are not named', () => {
    expect(opensAt(officeHours, at(6, 18))).toEqual(at(9, 8, 30));
  });

  it('that goes over midnight belongs to the day on which it begins', () => {
    const saturdayNight = [{ days: [6], from: '20:00', till: '04:00' }];
    expect(opensAt(saturdayNight, at(8, 3))).toEqual(at(8, 3));
    expect(opensAt(saturdayNight, at(7, 3))).toEqual(at(7, 20));
    expect(opensAt(saturdayNight, at(8, 4))).toEqual(at(14, 20));
  });

  it('of several spans opens with the first of them', () => {
    expect(opensAt([...officeHours, ...nights], at(2, 7))).toEqual(at(2, 8, 30));
    expect(opensAt([...officeHours, ...nights], at(2, 18))).toEqual(at(2, 22));
  });

  it('that ends when it begins lasts a whole day', () => {
    const sundays = [{ days: [0], from: '00:00', till: '00:00' }];
    expect(opensAt(sundays, at(8, 23, 59))).toEqual(at(8, 23, 59));
    expect(opensAt(sundays, at(9, 0))).toEqual(at(15, 0));
  });
});
