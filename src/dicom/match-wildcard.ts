/** Whether a text holds a wildcard of PS3.4 §C.2.2.2.4. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Whether the whole text matches the pattern: `*` any run of characters, none included, `?` any one (PS3.4 §C.2.2.2.4).
 * Takes at most time proportional to the product of both lengths, whatever a stranger put into the pattern.
 */
export function matchesWildcard(text: string, pattern: string): boolean {
  const characters = Array.from(text);
  const tokens = Array.from(pattern);
  let at = 0;
  let token = 0;
  let starAt = -1;
  let starToken = -1;
  while (at < characters.length) {
    if (tokens[token] === '*') {
      starAt = at;
      starToken = token;
      token += 1;
    } else if (token < tokens.length && (tokens[token] === '?' || tokens[token] === characters[at])) {
      at += 1;
      token += 1;
    } else if (starToken >= 0) {
      starAt += 1;
      at = starAt;
      token = starToken + 1;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((rest) => rest === '*');
}
