/** What requests that are on their way hold of their data sets at a time. */
export interface HeldBytes {
  readonly bytes: number;
  /** What a request from a network address holds of it. */
  of(address: string): HeldShare;
}

export interface HeldShare {
  /** Changes what a request holds. @returns why not, in words, if there is no room for more: it holds what it held then */
  resize(from: number, to: number): string | undefined;
}

export interface HeldBytesLimits {
  readonly maxBytes: number;
  /** Of one network address: else one caller could take everything, and keep it for as long as he sends a little. */
  readonly maxBytesOfAddress: number;
  /** What each request may hold in any case, uncounted: the number of requests is bounded, and usual ones are no longer. */
  readonly smallBytes: number;
}

const limits: HeldBytesLimits = { maxBytes: 134_217_728, maxBytesOfAddress: 33_554_432, smallBytes: 32_768 };

/** By queries and retrievals of those who may make them. */
export const heldByRequests = createHeldBytes(limits);

/** By what anybody may send who opens an association: apart, so that strangers take nothing from those who ask. */
export const heldByNotices = createHeldBytes(limits);

export function createHeldBytes({ maxBytes, maxBytesOfAddress, smallBytes }: HeldBytesLimits): HeldBytes {
  const ofAddresses = new Map<string, number>();
  let bytes = 0;
  const counted = (size: number) => Math.max(0, size - smallBytes);

  return {
    get bytes() {
      return bytes;
    },
    of: (address) => ({
      resize(from, to) {
        const more = counted(to) - counted(from);
        const ofAddress = (ofAddresses.get(address) ?? 0) + more;
        if (more > 0 && ofAddress > maxBytesOfAddress) {
          return `All requests on their way from this address are longer than ${maxBytesOfAddress} bytes together.`;
        }
        if (more > 0 && bytes + more > maxBytes) {
          return `All requests on their way are longer than ${maxBytes} bytes together.`;
        }
        bytes += more;
        if (ofAddress > 0) ofAddresses.set(address, ofAddress);
        else ofAddresses.delete(address);
        return undefined;
      },
    }),
  };
}
