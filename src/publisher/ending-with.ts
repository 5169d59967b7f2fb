/** What does not end although it was told to is left alone after so long. */
const graceMs = 5_000;

/** What the work comes to; when the signal ends it and it does not end, that. */
export async function endingWith<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hanging = new Promise<never>((_resolve, reject) => {
    const giveUp = () => {
      timer = setTimeout(() => reject(signal.reason as Error), graceMs);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([work, hanging]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
