/** Frame numbers from one on up to another, both included. Counted, not listed: a file may say that it has two thousand million. */
export function* frameNumbers(first: number, last: number): Generator<number, void, void> {
  for (let number = first; number <= last; number++) yield number;
}

/** Splits numbers into lists of at most `size`. */
export function* inBatches(numbers: Iterable<number>, size: number): Generator<readonly number[], void, void> {
  let batch: number[] = [];
  for (const number of numbers) {
    batch.push(number);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
