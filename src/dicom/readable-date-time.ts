/** `20240315` is 2024-03-15; what is no date stays as it is. */
export function readableDate(text: string): string {
  return text.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

/** `101314.5` is 10:13:14.5; what is no time stays as it is. */
export function readableTime(text: string): string {
  return text.replace(/^(\d\d)(\d\d)?(\d\d)?(\.\d+)?$/, (whole, hours, minutes, seconds, fraction = '') =>
    minutes === undefined ? whole : `${[hours, minutes, seconds].filter(Boolean).join(':')}${fraction}`,
  );
}

/** A DT value, whose zone stays behind it. */
export function readableDateTime(text: string): string {
  const parts = /^(\d{8})(\d{2,6}(?:\.\d+)?)([+-]\d{4})?$/.exec(text);
  if (parts === null) return readableDate(text);
  const [, date = '', time = '', zone] = parts;
  return [readableDate(date), readableTime(time), zone].filter(Boolean).join(' ');
}
