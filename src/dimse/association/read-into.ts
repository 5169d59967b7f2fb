import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Reads a connection into one buffer over and over. Node gives every piece that it reads memory of its own, half a
 * megabyte for a CT slice: what the garbage collector then does takes longer than storing the slice.
 *
 * Node offers this (`onread`) for sockets that it connects but not for those that it accepts, so the handle of the
 * accepted socket moves into a new one. Where that is not to be had, as with TLS, the connection is read as any other.
 * @param buffer may be shared, as what arrives is gone through before anything else is read
 * @param accepted paused, and not to be used any more
 * @param received takes a view of the buffer, which is good until it returns
 * @returns the socket to use; it has no `data` events
 */
export function readInto(buffer: Buffer, accepted: Socket, received: (bytes: Buffer) => void): Socket {
  const handle = accepted instanceof TLSSocket ? undefined : detach(accepted);
  if (handle === undefined) {
    accepted.on('data', received);
    return accepted;
  }
  const options: SocketConstructorOpts & { readonly handle: object; readonly onread: OnReadOpts } = {
    handle,
    onread: {
      buffer,
      callback(bytesRead) {
        received(buffer.subarray(0, bytesRead));
        return true;
      },
    },
  };
  return new Socket(options);
}

/** @returns the connection behind a socket, which has none from then on */
function detach(accepted: Socket): object | undefined {
  if (!('_handle' in accepted) || typeof accepted._handle !== 'object' || accepted._handle === null) return undefined;
  const handle = accepted._handle;
  accepted._handle = null;
  return handle;
}
