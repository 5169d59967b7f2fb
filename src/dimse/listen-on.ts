import type { Server } from 'node:net';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';

/** @returns the port, where 0 takes a free one @throws CausewayError `unavailable` if the address cannot be listened on */
export function listenOn(server: Server, { host, port }: { host: string; port: number }, log: Log): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(cannotListen({ host, port }, error));
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      server.on('error', (error) => log.error('The DIMSE port failed.', { error }));
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function cannotListen({ host, port }: { host: string; port: number }, cause: Error): CausewayError {
  const why = errnoOf(cause) === 'EADDRINUSE' ? 'another program uses it' : cause.message;
  return new CausewayError('unavailable', `Cannot listen for DIMSE on ${host} port ${port}: ${why}.`, { cause });
}
