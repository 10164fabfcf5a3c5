import type { ComponentChildren, RefObject } from "preact";
import { useId, useMemo, useRef, useState } from "preact/hooks";
import { type DeviceRow, findRows, keepOrder, sortRows } from "./device-rows.ts";
import { DeviceTable } from "./device-table.tsx";
import type { RowHandlers } from "./row-actions.tsx";
import type { RowChoice } from "./row-tools.tsx";

/** A hub may have thousands of devices; a browser that shows them all at once is slow. */
const ROWS_AT_ONCE = 200;

export interface RowPanelProps {
  readonly title: string;
  readonly rows: readonly DeviceRow[];
  readonly areDevices: boolean;
  readonly choice: RowChoice;
  readonly deeds: RowHandlers;
  /** Said where there are no lines at all. */
  readonly empty: string;
  readonly tools?: ComponentChildren;
}

/** The lines that were chosen, the first of them at first. */
export function RowPanel({ title, rows, areDevices, choice, deeds, empty, tools }: RowPanelProps) {
  const titleId = useId();
  const [shownMax, setShownMax] = useState(ROWS_AT_ONCE);
  const panel = useRef<HTMLElement>(null);
  const found = useFoundRows(rows, choice, panel);
  const further = found.length - shownMax;
  return (
    <section ref={panel} class="panel" aria-labelledby={titleId}>
      <div class="panel-head">
        <h2 id={titleId}>
          {title} <span class="quiet number">{countWords(found.length, rows.length)}</span>
        </h2>
        {tools && <div class="tools">{tools}</div>}
      </div>
      {found.length === 0 ? (
        <p class="empty">{rows.length === 0 ? empty : "None of them is as you look for."}</p>
      ) : (
        <DeviceTable
          rows={found.slice(0, shownMax)}
          caption={title}
          areDevices={areDevices}
          nowMs={Date.now()}
          deeds={deeds}
        />
      )}
      {further > 0 && (
        <div class="panel-foot">
          <button type="button" class="button small" onClick={() => setShownMax(shownMax + ROWS_AT_ONCE)}>
            Show {Math.min(further, ROWS_AT_ONCE)} more of {further}
          </button>
        </div>
      )}
    </section>
  );
}

const HELD_LINES = "tbody:is(:hover, :focus-within)";

/** Counters go on: while pointer or focus are among the lines, none moves away from under them. */
function useFoundRows(
  rows: readonly DeviceRow[],
  choice: RowChoice,
  panel: RefObject<HTMLElement | null>,
): readonly DeviceRow[] {
  const last = useRef<{ readonly choice: RowChoice; readonly found: readonly DeviceRow[] }>(null);
  const found = useMemo(() => {
    const sorted = sortRows(findRows(rows, choice), choice.order);
    const isHeld = last.current?.choice === choice && panel.current?.querySelector(HELD_LINES);
    return last.current && isHeld ? keepOrder(sorted, last.current.found) : sorted;
  }, [rows, choice, panel]);
  last.current = { choice, found };
  return found;
}

function countWords(found: number, all: number): string {
  if (all === 0) return "";
  return found === all ? String(all) : `${found} of ${all}`;
}
