import { useState } from "preact/hooks";
import type { BoardController, PinAction } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";

const ACTIONS: readonly { readonly action: PinAction; readonly label: string }[] = [
  { action: "read", label: "Read" },
  { action: "toggle", label: "Toggle" },
  { action: "reset", label: "Reset" },
];

export function PinPanel({ controller }: { controller: BoardController }) {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const { jobs, link } = controller;
  const pin = typed ?? controller.board?.pins.led?.pin ?? "";
  return (
    <section class="panel" aria-labelledby="pin-title">
      <div class="panel-head">
        <h2 id="pin-title">Pins</h2>
      </div>
      <div class="board-body">
        <label class="field">
          <span class="field-label">Pin</span>
          <input
            type="text"
            name="pin"
            spellcheck={false}
            autocomplete="off"
            placeholder="D2"
            value={pin}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <div class="board-actions">
          {ACTIONS.map(({ action, label }) => (
            <button
              key={action}
              type="button"
              class="button"
              disabled={link.state !== "open" || jobs.running !== undefined || pin === ""}
              onClick={() => void controller.pin(action, pin)}
            >
              {label}
            </button>
          ))}
        </div>
        <JobStatus jobs={jobs} kind="pin" />
      </div>
    </section>
  );
}
