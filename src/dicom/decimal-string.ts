/**
 * Reads a trimmed DS or IS value. A number if JSON's number says the same, else the text itself:
 * more digits than a double holds, or no decimal number at all.
 * @see PS3.18 §F.2.3
 */
export function decimalValue(text: string): number | string {
  if (text.length <= 9) {
    const integer = smallInteger(text);
    if (integer !== undefined) return integer;
  }
  if (!isDecimalString(text)) return text;
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  // Fifteen significant digits always survive the way through a double.
  if (text.length <= 15 && !/[Ee]/.test(text)) return number;
  return significant(text) === significant(String(number)) ? number : text;
}

/** True if trimmed text follows the syntax of DS (PS3.5 §6.2), whatever its length. */
export function isDecimalString(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?$/.test(text);
}

function smallInteger(text: string): number | undefined {
  let at = 0;
  const negative = text.charCodeAt(0) === 0x2d;
  if (negative) at = 1;
  if (at === text.length) return undefined;
  let value = 0;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return negative && value !== 0 ? -value : value;
}

/** The number as sign, digits without zeros at either end, and the power of ten: equal for equal numbers. */
function significant(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[Ee]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  const leading = digits.replace(/^0+/, '');
  const bare = leading.replace(/0+$/, '');
  if (bare === '') return '0';
  const power = Number(exponent) - fraction.length + (leading.length - bare.length);
  return `${sign === '-' ? '-' : ''}${bare}e${power}`;
}
