import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type RovingRows, useRovingRows } from "./roving-rows.ts";

export interface LongList {
  /** Attributes of the list's element. */
  readonly list: RovingRows & {
    readonly onScroll: () => void;
    readonly onFocusOut: (event: FocusEvent) => void;
  };
  /** The part of the rows to render now. */
  readonly drawn: <Row>(rows: readonly Row[]) => readonly Row[];
}

export interface LongListOptions {
  /** The selector of the rows, which are buttons. */
  readonly selector: string;
  /** The height of the smallest row. */
  readonly rowHeightPx: number;
  /** The minimum height of the list, even if the window is smaller. */
  readonly listHeightPxMin: number;
  /** True if no rows are added at the moment. */
  readonly isStill: boolean;
}

/**
 * A list with the newest row first. Each new row moves all rows below it, which takes a whole frame with hundreds of rows.
 * So while rows are added, and the user has neither scrolled nor focused the list, only the visible rows are rendered.
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
  // The focused row may be removed, for which there is no event.
  useLayoutEffect(() => {
    if (isBrowsed) look();
  });
  // One row more than fits, so that the user can scroll.
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

/** Keeps the last rows while the list is still and the key, which stands for the query, is the same. */
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
