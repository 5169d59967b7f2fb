/** So many bytes of something, for all who use it together. */
export interface SharedBytes {
  /** @returns false if there are not so many left: nothing is taken then */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createSharedBytes(limit: number): SharedBytes {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > limit) return false;
      taken += bytes;
      return true;
    },
    giveBack(bytes) {
      taken -= bytes;
    },
  };
}
