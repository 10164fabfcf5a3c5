import { useMemo } from "preact/hooks";
import { explainFrame } from "../../wire/explain-frame.ts";
import { formatClock } from "../controls/format.ts";
import { useLongList } from "../controls/long-list.ts";
import { visibleText } from "../model/text/visible-text.ts";
import type { FrameEntry, WireEntry } from "../model/wire-log.ts";

/** The height of a row with one line, which is the minimum. */
const ROW_HEIGHT_PX = 26;
/** The same value as in wire.css. */
const LIST_HEIGHT_PX_MIN = 320;

export interface FrameListProps {
  readonly entries: readonly WireEntry[];
  /** True if no frames are added at the moment. */
  readonly isStill: boolean;
  readonly chosen: WireEntry | undefined;
  readonly choose: (entry: WireEntry) => void;
}

export function FrameList({ entries, isStill, chosen, choose }: FrameListProps) {
  const { list, drawn } = useLongList({
    selector: "button.frame",
    rowHeightPx: ROW_HEIGHT_PX,
    listHeightPxMin: LIST_HEIGHT_PX_MIN,
    isStill,
  });
  if (entries.length === 0) return <p class="empty">No frames yet.</p>;
  return (
    <ol class="frames" {...list}>
      {drawn(entries).map((entry) => (
        <li key={entry.serial}>
          {entry.kind === "note" ? (
            <p class="frame frame-note">
              <time class="message-time">{formatClock(entry.timeMs)}</time>
              <span class="frame-client">{visibleText(entry.client)}</span>
              <span class="frame-text">{visibleText(entry.text)}</span>
            </p>
          ) : (
            <FrameRow entry={entry} isChosen={entry === chosen} choose={() => choose(entry)} />
          )}
        </li>
      ))}
    </ol>
  );
}

function FrameRow(props: { entry: FrameEntry; isChosen: boolean; choose: () => void }) {
  const { entry, isChosen, choose } = props;
  const { bytes, direction, sizeBytes } = entry;
  const { summary, violation } = useMemo(
    () => explainFrame(bytes, direction, sizeBytes),
    [bytes, direction, sizeBytes],
  );
  const isIn = entry.direction === "in";
  return (
    <button type="button" class={`frame frame-${entry.direction}`} aria-pressed={isChosen} onClick={choose}>
      <time class="message-time">{formatClock(entry.timeMs)}</time>
      <span class="frame-client" title={entry.client}>
        {visibleText(entry.client) || `connection ${entry.connection}`}
      </span>
      <span class="frame-text">
        <span class="frame-arrow" aria-hidden="true">
          {isIn ? "→" : "←"}
        </span>
        <span class="hidden">{isIn ? "to the hub: " : "from the hub: "}</span>
        {visibleText(summary)}
      </span>
      {violation !== undefined && <span class="mark mark-bad">invalid</span>}
      {entry.fate !== "passed" && <span class="mark mark-bad">{entry.fate}</span>}
    </button>
  );
}
