import type { BoardController } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";
import { type BrowserSerial, choosePort } from "./web-serial.ts";

export interface ConnectPanelProps {
  readonly controller: BoardController;
  readonly serial: BrowserSerial;
  /** The reason why the hub's functions are not available. */
  readonly refusal: string | undefined;
}

export function ConnectPanel({ controller, serial, refusal }: ConnectPanelProps) {
  const { link, jobs } = controller;
  const isBusy = jobs.running !== undefined;
  const bridges = controller.boards.flatMap(({ usb }) => usb);
  return (
    <section class="panel connect-panel" aria-labelledby="connect-title">
      <div class="panel-head">
        <h2 id="connect-title">Board</h2>
        {link.state === "open" && (
          <button
            type="button"
            class="button small"
            disabled={jobs.needsBoard}
            onClick={() => void controller.disconnect()}
          >
            Disconnect
          </button>
        )}
      </div>
      <div class="board-body">
        {refusal && <p class="paused board-refusal">{refusal}</p>}
        {link.state === "open" ? (
          <Interpreter controller={controller} />
        ) : (
          <>
            <p class="quiet">Plug the board into this computer and choose its port.</p>
            <div class="board-actions">
              <button
                type="button"
                class="button primary"
                disabled={isBusy}
                onClick={() => void controller.connect(() => choosePort(serial, bridges))}
              >
                Connect
              </button>
              {bridges.length > 0 && (
                <button
                  type="button"
                  class="button"
                  disabled={isBusy}
                  onClick={() => void controller.connect(() => choosePort(serial, []))}
                >
                  Show all ports
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

function Interpreter({ controller }: { controller: BoardController }) {
  const { interpreter } = controller.link;
  if (!interpreter) {
    return (
      <>
        <p class="quiet">
          No interpreter has answered yet. The board's app may be blocking the console, or the board may have
          no interpreter. You can flash one below.
        </p>
        <div class="board-actions">
          <button
            type="button"
            class="button"
            disabled={controller.jobs.running !== undefined}
            onClick={() => void controller.find()}
          >
            Find the interpreter
          </button>
        </div>
      </>
    );
  }
  return (
    <dl class="facts">
      <dt>Board</dt>
      <dd>{controller.board?.name ?? interpreter.board}</dd>
      <dt>Espruino</dt>
      <dd>{interpreter.version}</dd>
      <dt>Stack traces</dt>
      <dd>{controller.link.hasPositions ? "decoded to source lines" : "not decoded"}</dd>
    </dl>
  );
}
