import { useLayoutEffect, useRef } from "preact/hooks";

const KEYS = ["ArrowDown", "ArrowUp", "Home", "End"] as const;
type Key = (typeof KEYS)[number];

/** Attributes of a list whose rows are buttons. */
export interface RovingRows {
  readonly ref: { current: HTMLOListElement | null };
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocusIn: (event: FocusEvent) => void;
}

/**
 * Makes the rows of a list one stop of the Tab key, so that elements after hundreds of rows can be reached. The arrow keys,
 * Home and End move between rows. Rows are the elements that match the selector; other elements keep their own stop.
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
      // Written only if it differs, because each write makes the browser compute the style again.
      if (row.tabIndex !== tabIndex) row.tabIndex = tabIndex;
    }
  };
  const hadKeys = ref.current?.querySelector(":focus-visible") != null;
  // Runs after each render. If the focused row was removed, a keyboard user would lose the focus.
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
