import { useEffect, useState } from "preact/hooks";
import type { Board } from "../../boards.ts";
import { SIMULATED_ENGINES } from "../../control/simulated-boards.ts";
import { MotekitError } from "../../errors.ts";
import type { ControlClient } from "../connection/control-client.ts";

type Engine = (typeof SIMULATED_ENGINES)[number];

const ENGINE_LABELS: Record<Engine, string> = {
  node: "node (built in)",
  espruino: "espruino (Espruino for Linux, if installed)",
};

export function BootForm({ control }: { control: ControlClient }) {
  const [kinds, setKinds] = useState<readonly Board[]>([]);
  const [board, setBoard] = useState("esp32");
  const [id, setId] = useState("");
  const [engine, setEngine] = useState<Engine>("node");
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState({ text: "", failed: false });
  useEffect(() => {
    control.boards().then(setKinds, (error: Error) => setOutcome({ text: error.message, failed: true }));
  }, [control]);
  const boot = async (): Promise<void> => {
    setBusy(true);
    setOutcome({ text: "Building…", failed: false });
    try {
      const booted = await control.bootSimulated({ board, engine, ...(id !== "" && { id }) });
      setOutcome({ text: `${booted.id} was started`, failed: false });
      setId("");
    } catch (error) {
      setOutcome({ text: problemText(error as Error), failed: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="panel" aria-labelledby="boot-title">
      <div class="panel-head">
        <h2 id="boot-title">Start a board</h2>
      </div>
      <form
        class="publish"
        onSubmit={(event) => {
          event.preventDefault();
          void boot();
        }}
      >
        <label class="field">
          <span class="field-label">Board</span>
          <select class="series-menu" value={board} onChange={(event) => setBoard(event.currentTarget.value)}>
            {kinds.map((kind) => (
              <option key={kind.id} value={kind.id}>
                {kind.name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span class="field-label">Device ID</span>
          <input
            type="text"
            spellcheck={false}
            autocomplete="off"
            placeholder={`${board}-sim`}
            value={id}
            onInput={(event) => setId(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="field-label">Engine</span>
          <select
            class="series-menu"
            value={engine}
            onChange={(event) => setEngine(event.currentTarget.value as Engine)}
          >
            {SIMULATED_ENGINES.map((each) => (
              <option key={each} value={each}>
                {ENGINE_LABELS[each]}
              </option>
            ))}
          </select>
        </label>
        <div class="publish-end">
          <button type="submit" class="button primary" disabled={isBusy}>
            Start
          </button>
          <p class={outcome.failed ? "outcome alarm boot-outcome" : "outcome"} role="status">
            {outcome.text}
          </p>
        </div>
      </form>
    </section>
  );
}

/** The error as text. Build errors have a place for each problem. */
function problemText(error: Error): string {
  if (!(error instanceof MotekitError)) return error.message;
  return error.problems
    .map(({ where, message, remedy }) => {
      const place = where ? `${where.file}${where.line === undefined ? "" : `:${where.line}`}: ` : "";
      return `${place}${message} ${remedy ?? ""}`.trim();
    })
    .join("\n");
}
