import { useMemo } from "preact/hooks";
import { explainFrame } from "../../wire/explain-frame.ts";
import { visibleText } from "../model/visible-text.ts";
import { useRovingRows } from "../roving-rows.ts";
import { formatClock } from "../wording.ts";
import type { FrameEntry, WireEntry } from "./wire-log.ts";

export interface FrameListProps {
  readonly entries: readonly WireEntry[];
  readonly chosen: WireEntry | undefined;
  readonly choose: (entry: WireEntry) => void;
}

export function FrameList({ entries, chosen, choose }: FrameListProps) {
  const roving = useRovingRows("button.frame");
  if (entries.length === 0) return <p class="empty">No frame yet.</p>;
  return (
    <ol class="frames" {...roving}>
      {entries.map((entry) => (
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
  const { summary, fault } = useMemo(
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
      {fault !== undefined && <span class="mark mark-bad">breaks MQTT</span>}
      {entry.fate !== "passed" && <span class="mark mark-bad">{entry.fate}</span>}
    </button>
  );
}
