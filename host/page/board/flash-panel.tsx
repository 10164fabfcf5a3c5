import { useEffect, useState } from "preact/hooks";
import type { BoardController, FlashChoice } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";

const ERASE_CHOICES: readonly { readonly value: string; readonly label: string }[] = [
  { value: "", label: "Nothing but what is written" },
  { value: "storage", label: "The board's files too" },
  { value: "all", label: "All of the flash" },
];

export function FlashPanel({ desk }: { desk: BoardController }) {
  const [choice, setChoice] = useState<FlashChoice>({ file: undefined, erase: undefined });
  const { jobs, link } = desk;
  useStayQuestion(jobs.running === "flash");
  const isReady = choice.file !== undefined || choice.erase !== undefined;
  return (
    <section class="panel" aria-labelledby="flash-title">
      <div class="panel-head">
        <h2 id="flash-title">Flash the interpreter</h2>
      </div>
      <div class="board-body">
        <label class="field">
          <span class="field-label">Package of the Espruino project's, .zip or .tgz</span>
          <input
            type="file"
            name="firmware"
            accept=".zip,.tgz,.tar,.gz"
            onChange={(event) => setChoice((now) => ({ ...now, file: event.currentTarget.files?.[0] }))}
          />
        </label>
        <label class="field">
          <span class="field-label">Erase first</span>
          <select
            name="erase"
            class="series-menu"
            value={choice.erase ?? ""}
            onChange={(event) => setChoice((now) => ({ ...now, erase: eraseOf(event.currentTarget.value) }))}
          >
            {ERASE_CHOICES.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <div class="board-actions">
          <button
            type="button"
            class="button primary"
            disabled={
              link.state !== "open" || jobs.running !== undefined || !isReady || desk.boards.length === 0
            }
            onClick={() => void desk.flash(choice)}
          >
            {choice.erase && !choice.file ? "Erase" : "Flash"}
          </button>
        </div>
        <JobStatus jobs={jobs} kind="flash" />
      </div>
    </section>
  );
}

/** The browser asks whether the page shall be left: a board that is half flashed does not start. */
function useStayQuestion(isAsked: boolean): void {
  useEffect(() => {
    if (!isAsked) return;
    const ask = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
      // Chromium before 119 asks for this alone.
      event.returnValue = "flashing";
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isAsked]);
}

function eraseOf(value: string): FlashChoice["erase"] {
  return value === "all" || value === "storage" ? value : undefined;
}
