import { UsageError } from './command.ts';

/**
 * Reads an option that is a whole number from 1 on.
 * @throws UsageError that names the option and what is allowed
 */
export function wholeNumber(
  values: Readonly<Record<string, string | undefined>>,
  option: string,
  otherwise: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = values[option];
  if (value === undefined) return otherwise;
  const number = /^\d{1,16}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > most) throw new UsageError(`--${option} must be a whole number from 1 to ${most}.`);
  return number;
}
