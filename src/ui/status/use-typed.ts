import { useCallback, useEffect, useRef, useState } from 'react';

/**
 * What a field shows: what holds, whoever has changed it, but for what was just typed, which holds a moment later. Without the
 * moment, too, as an address changes later than a key is pressed.
 * @param settle told what is to hold
 * @param afterMs once nobody has typed for so long
 */
export function useTyped(value: string, settle: (value: string) => void, afterMs: number) {
  // Undefined: what is shown is what holds.
  const [typed, setTyped] = useState<string>();
  const settled = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    // What was typed before may come to hold while more is typed; what somebody else has changed puts an end to both.
    const isOurs = value === settled.current;
    settled.current = value;
    if (isOurs && timer.current !== undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    setTyped(undefined);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const type = useCallback(
    (now: string) => {
      setTyped(now);
      clearTimeout(timer.current);
      const hold = () => {
        timer.current = undefined;
        settled.current = now;
        settle(now);
      };
      if (afterMs > 0) timer.current = setTimeout(hold, afterMs);
      else hold();
    },
    [settle, afterMs],
  );
  return [typed ?? value, type] as const;
}
