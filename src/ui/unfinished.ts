/** What would be lost if the page were left; each says so by itself. */
const reasons = new Set<string>();

/** @param reason one of those who may hold the page back */
export function holdPage(reason: string, isHeld: boolean): void {
  if (isHeld) reasons.add(reason);
  else reasons.delete(reason);
}

/** The browser asks before it leaves the page, in words of its own. */
export function askBeforeLeaving(target: Pick<Window, 'addEventListener'>): void {
  target.addEventListener('beforeunload', (event) => {
    if (reasons.size > 0) event.preventDefault();
  });
}

/** A file that is dropped where nothing takes it would be opened by the browser in place of the page. */
export function keepDroppedFilesOut(target: Pick<Window, 'addEventListener'>): void {
  for (const type of ['dragover', 'drop'] as const) {
    target.addEventListener(type, (event) => {
      if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    });
  }
}

const key = 'causeway-reloaded';
/** A server that is being replaced has old and new parts for longer than a page takes to load. */
const onceInMs = 60_000;

/**
 * Whether the page may load itself anew, as a part of it is not there any more. Once: what is still missing then is not there at all,
 * and a page that loads itself over and over shows nobody why.
 * @param now milliseconds of the epoch
 */
export function mayReload(memory: () => Pick<Storage, 'getItem' | 'setItem'>, now: number): boolean {
  try {
    const storage = memory();
    if (now - Number(storage.getItem(key) ?? 0) < onceInMs) return false;
    storage.setItem(key, String(now));
    return true;
  } catch {
    // Without a memory there is no telling that it was not done before.
    return false;
  }
}
