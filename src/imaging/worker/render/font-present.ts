import sharp from 'sharp';
import { CausewayError } from '../../../kernel/errors.ts';

let known: boolean | undefined;

/** Whether the machine has a font to draw text with: without one, text would be missing from pictures and nobody would know. */
async function fontPresent(): Promise<boolean> {
  known ??= await probe();
  return known;
}

async function probe(): Promise<boolean> {
  const letter = `<text x="2" y="28" font-family="sans-serif" font-size="28" fill="#fff">I</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">${letter}</svg>`;
  const pixels = await sharp(Buffer.from(svg)).ensureAlpha().extractChannel(3).raw().toBuffer();
  return pixels.some((alpha) => alpha > 0);
}

/**
 * @param what completes "…, and this machine has no font to draw it with"
 * @throws CausewayError `cannot-render` if there is no font
 */
export async function requireFont(what: string, tag?: string): Promise<void> {
  if (await fontPresent()) return;
  const message = `${what}, and this machine has no font to draw it with: install one, such as DejaVu.`;
  throw new CausewayError('cannot-render', message, { details: tag === undefined ? {} : { tag } });
}
