import { useLayoutEffect, useRef } from "preact/hooks";

const KEYS = ["ArrowDown", "ArrowUp", "Home", "End"] as const;
type Key = (typeof KEYS)[number];

/** A list of rows that are buttons. */
export interface RovingRows {
  readonly ref: { current: HTMLOListElement | null };
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocusIn: (event: FocusEvent) => void;
}

/**
 * Makes the rows of a list one stop of the Tab key, so that what stands behind hundreds of them is reached; the arrow keys,
 * Home and End go from row to row. A row is what matches the selector; what else is in the list keeps its own stop.
 */
export function useRovingRows(selector: string): RovingRows {
  const ref = useRef<HTMLOListElement>(null);
  const current = useRef<Element | undefined>(undefined);
  const rows = (): HTMLElement[] => [...(ref.current?.querySelectorAll<HTMLElement>(selector) ?? [])];
  const mark = (): void => {
    const all = rows();
    const stop = all.find((row) => row === current.current) ?? all[0];
    for (const row of all) {
      const tabIndex = row === stop ? 0 : -1;
      // Written only where it differs: what is written has its style computed anew, and most rows stay as they were.
      if (row.tabIndex !== tabIndex) row.tabIndex = tabIndex;
    }
  };
  const hadKeys = ref.current?.querySelector(":focus-visible") != null;
  // After each picture: rows come and go. With one that goes, the focus of who works by keyboard would go out of the list.
  useLayoutEffect(() => {
    mark();
    if (hadKeys && document.activeElement === document.body) rows()[0]?.focus({ preventScroll: true });
  });
  return {
    ref,
    onKeyDown: (event) => {
      const all = rows();
      const index = all.indexOf(event.target as HTMLElement);
      const key = KEYS.find((each) => each === event.key);
      if (index < 0 || !key) return;
      event.preventDefault();
      all[targetOf(key, index, all.length)]?.focus();
    },
    onFocusIn: ({ target }) => {
      if (!(target instanceof Element) || !target.matches(selector)) return;
      current.current = target;
      mark();
    },
  };
}

function targetOf(key: Key, index: number, count: number): number {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return Math.min(Math.max(index + (key === "ArrowDown" ? 1 : -1), 0), count - 1);
}
