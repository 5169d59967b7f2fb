import { readdirSync } from 'node:fs';
import { type Attributes, createApplicationEntity, readAttributes } from 'causeway/dimse';

const studies = new Map<unknown, Attributes>();
for (const name of readdirSync('images').filter((name) => name.endsWith('.dcm'))) {
  const attributes = await readAttributes(`images/${name}`);
  studies.set(attributes.StudyInstanceUID, attributes);
}
const archive = createApplicationEntity({
  aeTitle: 'FOLDER',
  async *search({ level, matches }) {
    if (level !== 'STUDY') return;
    for (const study of studies.values()) if (matches(study)) yield study;
  },
});
await archive.listen(11112);
process.once('SIGTERM', () => archive.close());
