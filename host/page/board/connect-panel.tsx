import type { BoardController } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";
import { type BrowserSerial, choosePort } from "./web-serial.ts";

export interface ConnectPanelProps {
  readonly desk: BoardController;
  readonly serial: BrowserSerial;
  /** Why the hub does not help. */
  readonly refusal: string | undefined;
}

export function ConnectPanel({ desk, serial, refusal }: ConnectPanelProps) {
  const { link, jobs } = desk;
  const isBusy = jobs.running !== undefined;
  const bridges = desk.boards.flatMap(({ usb }) => usb);
  return (
    <section class="panel connect-panel" aria-labelledby="connect-title">
      <div class="panel-head">
        <h2 id="connect-title">Board</h2>
        {link.state === "open" && (
          <button
            type="button"
            class="button small"
            disabled={jobs.needsBoard}
            onClick={() => void desk.disconnect()}
          >
            Disconnect
          </button>
        )}
      </div>
      <div class="board-body">
        {refusal && <p class="paused board-refusal">{refusal}</p>}
        {link.state === "open" ? (
          <Interpreter desk={desk} />
        ) : (
          <>
            <p class="quiet">Plug the board into this computer, and choose its port.</p>
            <div class="board-actions">
              <button
                type="button"
                class="button primary"
                disabled={isBusy}
                onClick={() => void desk.connect(() => choosePort(serial, bridges))}
              >
                Connect
              </button>
              {bridges.length > 0 && (
                <button
                  type="button"
                  class="button"
                  disabled={isBusy}
                  onClick={() => void desk.connect(() => choosePort(serial, []))}
                >
                  All ports
                </button>
              )}
            </div>
          </>
        )}
        <JobStatus jobs={jobs} kind="connect" />
        <JobStatus jobs={jobs} kind="find" />
      </div>
    </section>
  );
}

function Interpreter({ desk }: { desk: BoardController }) {
  const { interpreter } = desk.link;
  if (!interpreter) {
    return (
      <>
        <p class="quiet">
          Nothing has answered yet. The board may run code that does not let go, or have no interpreter: flash
          one below.
        </p>
        <div class="board-actions">
          <button
            type="button"
            class="button"
            disabled={desk.jobs.running !== undefined}
            onClick={() => void desk.find()}
          >
            Look for the interpreter
          </button>
        </div>
      </>
    );
  }
  return (
    <dl class="facts">
      <dt>Board</dt>
      <dd>{desk.board?.name ?? interpreter.board}</dd>
      <dt>Espruino</dt>
      <dd>{interpreter.version}</dd>
      <dt>Traces</dt>
      <dd>{desk.link.hasPositions ? "in the words of the sources" : "as they come"}</dd>
    </dl>
  );
}
