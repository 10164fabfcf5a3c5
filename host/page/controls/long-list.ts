import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type RovingRows, useRovingRows } from "./roving-rows.ts";

export interface LongList {
  /** For the list's element. */
  readonly list: RovingRows & {
    readonly onScroll: () => void;
    readonly onFocusOut: (event: FocusEvent) => void;
  };
  /** Those of the rows that are to be drawn now. */
  readonly drawn: <Row>(rows: readonly Row[]) => readonly Row[];
}

export interface LongListOptions {
  /** Of the buttons that its rows are. */
  readonly selector: string;
  /** Of the lowest row there is. */
  readonly rowHeightPx: number;
  /** The list is at least so high, also where the window is lower. */
  readonly listHeightPxMin: number;
  /** No row comes while it is shown. */
  readonly isStill: boolean;
}

/**
 * A list whose newest row is the first. Each that comes moves all that stand below it, which costs a frame where there are
 * hundreds: while rows come, and nobody has scrolled or has the focus in the list, no more are drawn than can be seen.
 */
export function useLongList(options: LongListOptions): LongList {
  const { selector, rowHeightPx, listHeightPxMin, isStill } = options;
  const roving = useRovingRows(selector);
  const [isBrowsed, setBrowsed] = useState(false);
  const windowHeightPx = useWindowHeight();
  const look = (): void => {
    const list = roving.ref.current;
    setBrowsed(list !== null && (list.scrollTop > 0 || list.contains(document.activeElement)));
  };
  // What is looked at may go: nothing tells of that.
  useLayoutEffect(() => {
    if (isBrowsed) look();
  });
  // One more than there is room for, so that there is something to scroll to.
  const rowsMax = Math.ceil(Math.max(windowHeightPx, listHeightPxMin) / rowHeightPx) + 1;
  return {
    list: {
      ...roving,
      onScroll: look,
      onFocusIn: (event) => {
        roving.onFocusIn(event);
        look();
      },
      onFocusOut: ({ relatedTarget }) => {
        if (!roving.ref.current?.contains(relatedTarget as Node | null)) look();
      },
    },
    drawn: (rows) => (isStill || isBrowsed ? rows : rows.slice(0, rowsMax)),
  };
}

/** Rows that stay as they were drawn last while the list stands still and what one looks for, the key, is the same. */
export function useHeld<Rows>(look: () => Rows, key: string, isStill: boolean): Rows {
  const held = useRef<{ readonly key: string; readonly rows: Rows }>(undefined);
  if (!isStill || held.current?.key !== key) held.current = { key, rows: look() };
  return held.current.rows;
}

function useWindowHeight(): number {
  const [heightPx, setHeightPx] = useState(innerHeight);
  useEffect(() => {
    const measure = (): void => setHeightPx(innerHeight);
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  return heightPx;
}
