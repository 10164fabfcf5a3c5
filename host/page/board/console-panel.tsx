import { useEffect, useRef } from "preact/hooks";
import { ConsoleInput } from "../controls/console-input.tsx";
import { formatClock } from "../controls/format.ts";
import type { BoardController } from "./board-controller.ts";

const CTRL_C = "\x03";
/** Length of a time such as `12:34:56.789`. */
const CLOCK_LENGTH = 12;

export function ConsolePanel({ controller }: { controller: BoardController }) {
  const { link } = controller;
  const isOff = link.state !== "open" || controller.jobs.needsBoard;
  return (
    <section class="panel console-panel" aria-labelledby="console-title">
      <div class="panel-head">
        <h2 id="console-title">Console</h2>
        <div class="tools">
          <button
            type="button"
            class="button small"
            disabled={isOff}
            onClick={() => void controller.type(CTRL_C)}
          >
            Interrupt
          </button>
          <button
            type="button"
            class="button small"
            disabled={isOff}
            onClick={() => void controller.type("load()\n")}
          >
            Restart
          </button>
          <button type="button" class="button small" onClick={() => controller.clearConsole()}>
            Clear
          </button>
        </div>
      </div>
      <ConsoleText controller={controller} />
      <ConsoleInput isOff={isOff} type={(line) => void controller.type(`${line}\n`)} />
    </section>
  );
}

/** Scrolls to the newest line, unless the user has scrolled up. */
function ConsoleText({ controller }: { controller: BoardController }) {
  const { log } = controller.link;
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
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users have to be able to scroll it.
      tabIndex={0}
      ref={box}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        follows.current = scrollHeight - scrollTop - clientHeight < 20;
      }}
    >
      {log.entries.length === 0 && !log.unfinished && <p class="empty">No output yet.</p>}
      {log.entries.map(({ serial, kind, text, timeMs }) => (
        <p key={serial} class={`console-line console-${kind}`}>
          <time class="console-time">{formatClock(timeMs)}</time>
          <span class="console-text">{text}</span>
        </p>
      ))}
      {log.unfinished && (
        <p class="console-line">
          <span class="console-time">{" ".repeat(CLOCK_LENGTH)}</span>
          <span class="console-text">{log.unfinished}</span>
        </p>
      )}
    </div>
  );
}
