import type { ComponentChildren, RefObject } from "preact";
import { useId, useMemo, useRef, useState } from "preact/hooks";
import { type DeviceRow, findRows, keepOrder, sortRows } from "./device-rows.ts";
import { DeviceTable } from "./device-table.tsx";
import type { RowHandlers } from "./row-actions.tsx";
import type { RowChoice } from "./row-tools.tsx";

/** Rows per step. A browser renders thousands of rows slowly. */
const ROWS_AT_ONCE = 200;

export interface RowPanelProps {
  readonly title: string;
  readonly rows: readonly DeviceRow[];
  readonly areDevices: boolean;
  readonly choice: RowChoice;
  readonly handlers: RowHandlers;
  /** The text if there are no rows at all. */
  readonly emptyText: string;
  readonly tools?: ComponentChildren;
}

/** A panel with the rows that match the search. It shows more of them on demand. */
export function RowPanel(props: RowPanelProps) {
  const { title, rows, areDevices, choice, handlers, emptyText, tools } = props;
  const titleId = useId();
  const [shownMax, setShownMax] = useState(ROWS_AT_ONCE);
  const panel = useRef<HTMLElement>(null);
  const found = useFoundRows(rows, choice, panel);
  const further = found.length - shownMax;
  return (
    <section ref={panel} class="panel" aria-labelledby={titleId}>
      <div class="panel-head">
        <h2 id={titleId}>
          {title} <span class="quiet number">{countText(found.length, rows.length)}</span>
        </h2>
        {tools && <div class="tools">{tools}</div>}
      </div>
      {found.length === 0 ? (
        <p class="empty">{rows.length === 0 ? emptyText : "No matches."}</p>
      ) : (
        <DeviceTable
          rows={found.slice(0, shownMax)}
          caption={title}
          areDevices={areDevices}
          nowMs={Date.now()}
          handlers={handlers}
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

const ACTIVE_ROWS = "tbody:is(:hover, :focus-within)";

/** Counters change all the time. While the pointer or the focus is in the rows, their order does not change. */
function useFoundRows(
  rows: readonly DeviceRow[],
  choice: RowChoice,
  panel: RefObject<HTMLElement | null>,
): readonly DeviceRow[] {
  const last = useRef<{ readonly choice: RowChoice; readonly found: readonly DeviceRow[] }>(null);
  const found = useMemo(() => {
    const sorted = sortRows(findRows(rows, choice), choice.order);
    const isHeld = last.current?.choice === choice && panel.current?.querySelector(ACTIVE_ROWS);
    return last.current && isHeld ? keepOrder(sorted, last.current.found) : sorted;
  }, [rows, choice, panel]);
  last.current = { choice, found };
  return found;
}

function countText(found: number, all: number): string {
  if (all === 0) return "";
  return found === all ? String(all) : `${found} of ${all}`;
}
