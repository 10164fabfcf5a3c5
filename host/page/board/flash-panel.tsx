import { useEffect, useState } from "preact/hooks";
import type { BoardController, FlashChoice } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";

const ERASE_CHOICES: readonly { readonly value: string; readonly label: string }[] = [
  { value: "", label: "Only the areas that are written" },
  { value: "storage", label: "Also the board's files" },
  { value: "all", label: "The whole flash" },
];

export function FlashPanel({ controller }: { controller: BoardController }) {
  const [choice, setChoice] = useState<FlashChoice>({ file: undefined, erase: undefined });
  const { jobs, link } = controller;
  useLeaveWarning(jobs.running === "flash");
  const isReady = choice.file !== undefined || choice.erase !== undefined;
  return (
    <section class="panel" aria-labelledby="flash-title">
      <div class="panel-head">
        <h2 id="flash-title">Flash the interpreter</h2>
      </div>
      <div class="board-body">
        <label class="field">
          <span class="field-label">Espruino package (.zip, .tar or .tgz)</span>
          <input
            type="file"
            name="firmware"
            accept=".zip,.tgz,.tar,.gz"
            onChange={(event) => setChoice((now) => ({ ...now, file: event.currentTarget.files?.[0] }))}
          />
        </label>
        <label class="field">
          <span class="field-label">Erase before writing</span>
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
              link.state !== "open" ||
              jobs.running !== undefined ||
              !isReady ||
              controller.boards.length === 0
            }
            onClick={() => void controller.flash(choice)}
          >
            {choice.erase && !choice.file ? "Erase" : "Flash"}
          </button>
        </div>
        <JobStatus jobs={jobs} kind="flash" />
      </div>
    </section>
  );
}

/** Lets the browser ask before the page is left, because a partly flashed board does not start. */
function useLeaveWarning(isActive: boolean): void {
  useEffect(() => {
    if (!isActive) return;
    const ask = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
      // Chromium before 119 asks only if this is set.
      event.returnValue = "flashing";
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isActive]);
}

function eraseOf(value: string): FlashChoice["erase"] {
  return value === "all" || value === "storage" ? value : undefined;
}
