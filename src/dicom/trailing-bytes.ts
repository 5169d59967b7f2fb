import { available, consume } from './byte-window.ts';
import { dictionaryVr } from './dictionary.ts';
import { shortHeader } from './element-header.ts';
import { sniffEncoding } from './encoding-sniffing.ts';
import { malformed, type ScanState, topOf } from './scan-state.ts';
import { tagHex } from './tag-hex.ts';
import { vrTraitsOfCode } from './vr-traits.ts';

const pixelData = 0x7fe00010;

/** Whether what looks like this attribute of the data set itself may turn out to be trailing bytes, if the file ends within it. */
export function mayBeTrailing(tag: number): boolean {
  return tag > pixelData && dictionaryVr(tag) === undefined;
}

/**
 * Bytes behind the data set that do not belong to it. Behind the pixels anything may stand, as devices and copies from
 * tapes leave it there; elsewhere only zeros are known as padding, and anything else is a broken data set.
 */
export interface TrailingBytes {
  readonly begun: boolean;
  /** They begin at the element at hand. */
  begin(): void;
  /** Decides whether they begin at the element at hand, of which the tag is known and eight bytes are there. */
  beginsHere(): boolean;
  /** Passes over what has arrived. @throws CausewayError `malformed` */
  pass(): void;
  /** The file has ended inside something that was begun: true if it was no attribute but trailing bytes. */
  swallowsTheRest(): boolean;
  /** Warns of them, if there are any. */
  note(): void;
}

export function createTrailingBytes(state: ScanState): TrailingBytes {
  const { window, element, root, stack, bulk } = state;
  let offset: number | undefined;
  let zerosOnly = false;
  /** The attribute of the root that was met last. */
  let lastTag = 0;
  let lastOffset = 0;

  function begin(): void {
    offset = element.offset;
    zerosOnly = !state.afterPixelData;
  }

  /** Behind the pixels an attribute has to come in order, or else be one that the dictionary knows just so. */
  function isCredible(): boolean {
    const { bytes, start } = window;
    if (element.tag <= root.lastTag) {
      const found = sniffEncoding(bytes, start);
      return found?.explicitVr === root.explicitVr && found.bigEndian === root.bigEndian;
    }
    return !root.explicitVr || vrTraitsOfCode((bytes[start + 4]! << 8) | bytes[start + 5]!) !== undefined;
  }

  function forgetLast(): void {
    const hex = tagHex(lastTag);
    delete root.attributes[hex];
    const kept = bulk.filter(({ path }) => !path.startsWith(hex));
    bulk.splice(0, bulk.length, ...kept);
    state.warnings.withdrawFrom(lastOffset);
    stack.length = 1;
    state.skipping = 0;
    state.visitor?.withdrawn?.();
  }

  return {
    get begun() {
      return offset !== undefined;
    },
    begin,
    beginsHere() {
      if (element.tag >>> 16 === 0 || (state.afterPixelData && !isCredible())) {
        begin();
        return true;
      }
      lastTag = element.tag;
      lastOffset = element.offset;
      return false;
    },
    pass() {
      for (let at = window.start; zerosOnly && at < window.end; at++) {
        if (window.bytes[at] !== 0) throw malformed(state, `What stands at byte ${offset} is no attribute.`);
      }
      consume(window, available(window));
    },
    swallowsTheRest() {
      if (!state.afterPixelData) return false;
      const isPartOfHeader = topOf(state) === root && state.skipping === 0 && available(window) < shortHeader;
      if (isPartOfHeader) {
        offset = window.offset;
      } else if (mayBeTrailing(lastTag)) {
        offset = lastOffset;
        forgetLast();
      }
      return offset !== undefined;
    },
    note() {
      if (offset === undefined) return;
      state.warnings.add({
        kind: 'trailing-bytes',
        offset,
        message: `The bytes from byte ${offset} to the end do not belong to the data set.`,
      });
    },
  };
}
