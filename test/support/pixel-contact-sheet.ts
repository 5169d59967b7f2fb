import { mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import sharp from 'sharp';
import { createImaging } from '../../src/imaging/create-imaging.ts';
import { createLog } from '../../src/kernel/create-log.ts';
import { pixelFiles, sampledFrames } from './pixel-corpus.ts';

// Renders every shared file with pixels to one picture, to be looked at:
//   npx tsx test/support/pixel-contact-sheet.ts sheet.png [part of a file's name]
const [target = 'contact-sheet.png', only = ''] = process.argv.slice(2);
const cell = { width: 150, height: 172, caption: 24 };
const columns = 16;

const imaging = createImaging({ log: createLog('warn') });
const cells: { picture: Buffer | undefined; caption: string; note: string }[] = [];
for (const file of pixelFiles()) {
  if (!file.name.includes(only)) continue;
  for (const frameNumber of sampledFrames(file)) {
    const caption = `${basename(file.name).slice(-24)} #${frameNumber}`;
    try {
      const png = await imaging.render(file.frame(frameNumber), { mediaType: 'image/png' });
      const box = { width: cell.width - 6, height: cell.height - cell.caption - 6 };
      const small = sharp(png)
        .resize({ ...box, fit: 'inside', kernel: 'nearest' })
        .toColourspace('srgb');
      cells.push({ picture: await small.png().toBuffer(), caption, note: '' });
    } catch (thrown) {
      const note = thrown instanceof Error ? thrown.message : String(thrown);
      console.log(`${file.name} #${frameNumber}: ${note}`);
      cells.push({ picture: undefined, caption, note });
    }
  }
}
await imaging.close();

const overlays = cells.flatMap(({ picture, caption, note }, index) => {
  const left = (index % columns) * cell.width;
  const top = Math.floor(index / columns) * cell.height;
  const text = `<text x="2" y="10">${escaped(caption)}</text><text x="2" y="21" fill="#f99">${escaped(note.slice(0, 28))}</text>`;
  const svg = `<svg width="${cell.width}" height="${cell.caption}" font-size="9" fill="#fff" font-family="sans-serif">${text}</svg>`;
  const label = { input: Buffer.from(svg), left, top: top + cell.height - cell.caption };
  return picture === undefined ? [label] : [{ input: picture, left: left + 3, top: top + 3 }, label];
});
mkdirSync(dirname(resolve(target)), { recursive: true });
await sharp({
  create: {
    width: columns * cell.width,
    height: Math.max(1, Math.ceil(cells.length / columns)) * cell.height,
    channels: 3,
    background: '#246',
  },
})
  .composite(overlays)
  .png()
  .toFile(target);
console.log(`${cells.length} pictures in ${target}`);

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
