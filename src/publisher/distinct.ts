/** The first value of each key, and all others, in their order. */
export function distinct<V, K>(values: Iterable<V>, keyOf: (value: V) => K): [firsts: Map<K, V>, others: V[]] {
  const firsts = new Map<K, V>();
  const others: V[] = [];
  for (const value of values) {
    const key = keyOf(value);
    if (firsts.has(key)) others.push(value);
    else firsts.set(key, value);
  }
  return [firsts, others];
}
