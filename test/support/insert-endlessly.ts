import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { startEmbeddedPostgres } from '../../src/index/embedded-postgres.ts';
import { migrate } from '../../src/index/migrate.ts';
import { createPool } from '../../src/index/pool.ts';
import { silentLog as log } from '../../src/kernel/log.ts';
import { newInstance } from './new-instance.ts';

// A process to be killed: `insert-endlessly.ts DATA_DIR FIRST_STUDY`. Says `postgres PID`, then the study and number of
// every instance when its insertion is acknowledged.
const [dataDir = '', firstStudy = '0'] = process.argv.slice(2);
const postgres = await startEmbeddedPostgres({ dataDir, log });
await migrate(postgres.connection);
const { connection } = postgres;
const pool = createPool({ connection, maxConnections: 2, log });
const writePool = createPool({ connection, maxConnections: 4, log, session: writeSession });
const index = createIndex({ pool, writePool });
process.stdout.write(`postgres ${postgres.pid}\n`);
for (let producer = 0; producer < 8; producer++) {
  const study = Number(firstStudy) + (producer % 3);
  void (async () => {
    for (let n = 0; ; n++) {
      const instance = n * 8 + producer;
      const { status } = await index.insert(newInstance({ study, instance }), 'reject');
      if (status === 'inserted') process.stdout.write(`${study} ${instance}\n`);
    }
  })();
}
