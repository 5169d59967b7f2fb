/**
 * How often something is read again, milliseconds, while somebody looks at it: events tell only of what ends, and only of what
 * happens on the node that is listened to.
 */
export const intervals = {
  /** What goes on by itself, until it has ended. */
  underWay: 3_000,
  tables: 20_000,
} as const;
