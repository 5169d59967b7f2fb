import { readdirSync } from 'node:fs';
import { createApplicationEntity, readAttributes } from 'causeway/dimse';

const paths = readdirSync('images').filter((name) => name.endsWith('.dcm'));
const archive = createApplicationEntity({
  aeTitle: 'FOLDER',
  async *retrieve({ matches }) {
    for (const path of paths) {
      if (matches(await readAttributes(`images/${path}`))) yield `images/${path}`;
    }
  },
  addressOf: (aeTitle) => (aeTitle === 'READER' ? 'READER@127.0.0.1:11113' : undefined),
});
await archive.listen(11112);
process.once('SIGTERM', () => archive.close());
