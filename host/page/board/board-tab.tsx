/** The Board view, for a board that is plugged into this computer. The browser loads it when it is first shown. */
import { useEffect, useState } from "preact/hooks";
import { MotekitError } from "../../errors.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { useModelChanges } from "../controls/use-model.ts";
import { BoardController } from "./board-controller.ts";
import { ConfigurePanel } from "./configure-panel.tsx";
import { ConnectPanel } from "./connect-panel.tsx";
import { ConsolePanel } from "./console-panel.tsx";
import { FlashPanel } from "./flash-panel.tsx";
import { PinPanel } from "./pin-panel.tsx";
import { UploadPanel } from "./upload-panel.tsx";
import { serialOfBrowser } from "./web-serial.ts";

export function BoardTab({ controller }: { controller: BoardController }) {
  useModelChanges(controller);
  const serial = serialOfBrowser();
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (!serial) return;
    if (!controller.control.hasToken) {
      setRefusal(
        "This page was not opened with the link that the hub printed. Open that link to upload, to flash and to decode " +
          "stack traces.",
      );
      return;
    }
    controller.load().catch((error: Error) => setRefusal(errorText(error)));
  }, [controller, serial]);
  if (!serial) return <NoSerial />;
  return (
    <main class="columns">
      <div class="side">
        <ConnectPanel controller={controller} serial={serial} refusal={refusal} />
        <UploadPanel controller={controller} />
        <ConfigurePanel controller={controller} />
        <PinPanel controller={controller} />
        <FlashPanel controller={controller} />
      </div>
      <div class="wide console-column">
        <ConsolePanel controller={controller} />
      </div>
    </main>
  );
}

/** The board's console in the Wire view. Nothing while no board is connected. */
export function AttachedBoardConsole({ controller }: { controller: BoardController }) {
  useModelChanges(controller);
  return controller.link.state === "open" ? <ConsolePanel controller={controller} /> : null;
}

function errorText(error: Error): string {
  return error instanceof MotekitError ? `${error.message} ${error.remedy ?? ""}` : error.message;
}

export function createBoardController(control: ControlClient): BoardController {
  return new BoardController(control);
}

function NoSerial() {
  return (
    <main class="columns columns-one">
      <section class="panel" aria-labelledby="no-serial-title">
        <div class="panel-head">
          <h2 id="no-serial-title">Serial ports are not available</h2>
        </div>
        <div class="prose">
          {window.isSecureContext ? (
            <p>
              This browser does not support Web Serial. Use Chrome or Edge 89, Opera 75, or a newer release of
              one of them, on a desktop computer.
            </p>
          ) : (
            <p>
              Browsers allow serial ports only for pages from this computer and pages over HTTPS. Open the
              page at <code>http://localhost:{location.port}</code> on the computer that the board is plugged
              into.
            </p>
          )}
          <p>
            You can also use <code>motekit upload</code>, <code>motekit configure</code> and{" "}
            <code>motekit monitor</code> in a terminal.
          </p>
        </div>
      </section>
    </main>
  );
}
