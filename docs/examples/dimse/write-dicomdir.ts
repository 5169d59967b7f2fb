import { writeFileSet } from 'causeway/dimse';

const count = await writeFileSet('medium', ['images']);
console.log('written:', count);
