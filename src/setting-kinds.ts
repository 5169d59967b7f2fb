/** How one setting is read: from text (environment) or from JSON (file), with words for what is allowed. */
export interface SettingKind<T> {
  readonly allowed: string;
  /** @returns undefined if the value is not allowed */
  parse(value: unknown): T | undefined;
}

export function text(allowed: string, valid: (value: string) => boolean): SettingKind<string> {
  return { allowed, parse: (value) => (typeof value === 'string' && valid(value) ? value : undefined) };
}

export function integer(least: number, most: number): SettingKind<number> {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    parse(value) {
      const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
        ? number
        : undefined;
    },
  };
}

export const flag: SettingKind<boolean> = {
  allowed: 'true or false',
  parse: (value) =>
    value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
};

export function oneOf<const T extends string>(values: readonly T[]): SettingKind<T> {
  return { allowed: values.join(', '), parse: (value) => values.find((known) => known === value) };
}

export function list(each: string, valid: (value: string) => boolean): SettingKind<readonly string[]> {
  return listOf(each, (value) => (valid(value) ? value : undefined));
}

/** @param parse one value; undefined if it is not allowed */
export function listOf<T>(each: string, parse: (value: string) => T | undefined): SettingKind<readonly T[]> {
  return listOfValues(each, (value) => (typeof value === 'string' ? parse(value) : undefined));
}

/** The same where values of the file need not be text. */
export function listOfValues<T>(each: string, parse: (value: unknown) => T | undefined): SettingKind<readonly T[]> {
  return {
    allowed: `a list of ${each}, separated by commas`,
    parse(value) {
      const values =
        typeof value === 'string'
          ? value
              .split(',')
              .map((part) => part.trim())
              .filter(Boolean)
          : value;
      if (!Array.isArray(values)) return undefined;
      const parsed = values.map((one: unknown) => parse(one));
      return parsed.every((one) => one !== undefined) ? parsed : undefined;
    },
  };
}

export function optional<T>(kind: SettingKind<T>): SettingKind<T | undefined> {
  return kind;
}

export function isUrl(value: string, ...protocols: string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

export const keeping: SettingKind<'forever' | number> = {
  allowed: 'forever, or seconds from 60 to 31536000',
  parse: (value) => (value === 'forever' ? value : integer(60, 31_536_000).parse(value)),
};

export const host = text('a host name or IP address', (value) => /^[A-Za-z0-9.:_-]{1,255}$/.test(value));
export const port = integer(0, 65_535);
/** Of the URL; what lies below /viewer is the viewer's, and the others are places of the page. */
export const webPath = text(
  'a path that starts with / and does not end with one, outside of /viewer, /status, /config, /upload and /assets',
  (value) => /^(?!\/(?:viewer|status|config|upload|assets)(\/|$))(\/[A-Za-z0-9._~-]+)+$/.test(value),
);
export const path = text('a path', (value) => value.length > 0 && !value.includes('\0'));
export const bytes = integer(1024, Number.MAX_SAFE_INTEGER);
