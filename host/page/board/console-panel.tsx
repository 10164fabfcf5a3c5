import { useEffect, useRef } from "preact/hooks";
import { ConsoleInput } from "../controls/console-input.tsx";
import { formatClock } from "../controls/format.ts";
import type { BoardController } from "./board-controller.ts";

const CTRL_C = "\x03";
/** `12:34:56.789`. */
const CLOCK_LENGTH = 12;

export function ConsolePanel({ desk }: { desk: BoardController }) {
  const { link } = desk;
  const isOff = link.state !== "open" || desk.jobs.needsBoard;
  return (
    <section class="panel console-panel" aria-labelledby="console-title">
      <div class="panel-head">
        <h2 id="console-title">Console</h2>
        <div class="tools">
          <button type="button" class="button small" disabled={isOff} onClick={() => void desk.type(CTRL_C)}>
            Interrupt
          </button>
          <button
            type="button"
            class="button small"
            disabled={isOff}
            onClick={() => void desk.type("load()\n")}
          >
            Restart
          </button>
          <button type="button" class="button small" onClick={() => desk.clearConsole()}>
            Clear
          </button>
        </div>
      </div>
      <ConsoleText desk={desk} />
      <ConsoleInput isOff={isOff} type={(line) => void desk.type(`${line}\n`)} />
    </section>
  );
}

/** Follows the newest line, unless somebody has scrolled away from it. */
function ConsoleText({ desk }: { desk: BoardController }) {
  const { log } = desk.link;
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  });
  return (
    <div
      class="console"
      role="log"
      aria-label="Console of the board"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
      tabIndex={0}
      ref={box}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        follows.current = scrollHeight - scrollTop - clientHeight < 20;
      }}
    >
      {log.entries.length === 0 && !log.unfinished && <p class="empty">Nothing yet.</p>}
      {log.entries.map(({ serial, kind, text, timeMs }) => (
        <p key={serial} class={`console-line console-${kind}`}>
          <time class="console-time">{formatClock(timeMs)}</time>
          <span class="console-words">{text}</span>
        </p>
      ))}
      {log.unfinished && (
        <p class="console-line">
          <span class="console-time">{" ".repeat(CLOCK_LENGTH)}</span>
          <span class="console-words">{log.unfinished}</span>
        </p>
      )}
    </div>
  );
}
