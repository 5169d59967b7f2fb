import { compose, type House, type Listening } from './compose.ts';
import { loadSettings, type Settings } from './config.ts';
import { createLog } from './kernel/create-log.ts';
import { CausewayError } from './kernel/errors.ts';
import { reachableAddresses } from './kernel/reachable-addresses.ts';

/** Running requests and associations get so long to finish when the process is asked to stop. */
const graceMs = 10_000;

function welcome(settings: Settings, { dimsePort, dimseTlsPort, webUrl }: Listening): string {
  const [first, ...others] = reachableAddresses(settings.dimseHost);
  return `
Causeway is ready.

  To type into the modality
    AE title   ${settings.aeTitle}
    Address    ${first}${others.length > 0 ? `   (or ${others.join(', ')})` : ''}
    Port       ${dimsePort}${dimseTlsPort === undefined ? '' : `   (with TLS: ${dimseTlsPort})`}

${settings.page ? `  Web page     ${webUrl}/\n` : ''}  DICOMweb     ${webUrl}${settings.basePath}${settings.viewer ? `\n  Viewer       ${webUrl}/viewer/` : ''}
  Data         ${settings.dataDir}
`;
}

async function main(): Promise<void> {
  const settings = loadSettings(process.env, process.cwd());
  const log = createLog(settings.logLevel);
  let stopping = false;
  const starting = compose(settings, log).then(async (house) => {
    if (!stopping) await open(house, settings);
    return house;
  });
  // Before it has started: as the first process of a container it would not hear a signal that nobody handles.
  const stop = (signal: string): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info('stopping', { signal });
    starting
      .then((house) => house.close({ graceMs }))
      .then(
        () => process.exit(0),
        (thrown: unknown) => {
          log.error('did not stop cleanly', { error: thrown });
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('unhandledRejection', (thrown) => {
    // A promise that nobody waits for is a defect, but none that should take the other associations down with it.
    log.error('unhandled rejection', { error: thrown instanceof Error ? thrown.stack : String(thrown) });
  });
  await starting;
}

async function open(house: House, settings: Settings): Promise<void> {
  try {
    console.log(welcome(settings, await house.listen()));
  } catch (thrown) {
    await house.close({ graceMs: 0 });
    throw thrown;
  }
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof CausewayError ? `Causeway cannot start. ${thrown.message}` : thrown);
  process.exit(1);
});
