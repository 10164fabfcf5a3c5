import { useEffect, useRef } from "preact/hooks";
import type { BoardAction } from "../../control/simulated-boards.ts";
import { ConsoleInput } from "../controls/console-input.tsx";
import { formatClock } from "../controls/format.ts";
import type { ShownBoard } from "../model/simulated-boards.ts";
import { visibleText } from "../model/text/visible-text.ts";

export interface BoardConsoleProps {
  readonly board: ShownBoard;
  readonly act: (action: BoardAction) => void;
}

/** The console of a simulated board, with an input line if the hub accepts input. */
export function BoardConsole({ board: { record, lines }, act }: BoardConsoleProps) {
  const { id, state, takesLines } = record;
  return (
    <div class="simulated-talk">
      <ConsoleLines id={id} lines={lines} />
      {takesLines ? (
        <ConsoleInput isOff={state !== "running"} type={(line) => act({ id, action: "type", line })} />
      ) : (
        <p class="panel-foot">Console input is disabled, because this hub is open to the network.</p>
      )}
    </div>
  );
}

/** Scrolls to the newest line, unless the user has scrolled up. */
function ConsoleLines({ id, lines }: { id: string; lines: ShownBoard["lines"] }) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <div
      class="simulated-console"
      role="log"
      aria-label={`Console of ${id}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users have to be able to scroll it
      tabIndex={0}
      ref={box}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 4;
      }}
    >
      {lines.length === 0 && <p class="quiet">No output yet.</p>}
      {lines.map(({ serial, atMs, text }) => (
        <p key={serial} class="simulated-line">
          <time class="message-time">{formatClock(atMs)}</time> {visibleText(text)}
        </p>
      ))}
    </div>
  );
}
