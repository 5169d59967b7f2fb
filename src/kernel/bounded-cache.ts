/** Keeps what was used last, up to a sum of sizes. */
export interface BoundedCache<T> {
  get(key: string): T | undefined;
  /** What is larger than an eighth of the cache is not kept: it would push out everything else. */
  set(key: string, value: T, bytes: number): void;
  /** Forgets every entry whose key starts so. */
  deleteStartingWith(prefix: string): void;
  /** Forgets every entry whose key has this in it. */
  deleteContaining(part: string): void;
  /** Sum of the sizes of what is kept. */
  readonly bytes: number;
}

export function createBoundedCache<T>(maxBytes: number): BoundedCache<T> {
  const entries = new Map<string, { value: T; bytes: number }>();
  let total = 0;

  const remove = (key: string) => {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    total -= entry.bytes;
  };

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, bytes) {
      remove(key);
      if (bytes > maxBytes / 8) return;
      entries.set(key, { value, bytes });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= maxBytes) break;
        remove(oldest);
      }
    },
    deleteStartingWith(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) remove(key);
    },
    deleteContaining(part) {
      for (const key of entries.keys()) if (key.includes(part)) remove(key);
    },
    get bytes() {
      return total;
    },
  };
}
