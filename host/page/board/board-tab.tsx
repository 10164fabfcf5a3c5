/** The view of a board that is plugged into this computer. It is loaded when it is first shown. */
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

export function BoardTab({ desk }: { desk: BoardController }) {
  useModelChanges(desk);
  const serial = serialOfBrowser();
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (!serial) return;
    if (!desk.control.hasToken) {
      setRefusal(
        "This page was not opened by the link that the hub printed: open that one to upload, to flash, and to have the " +
          "board's traces decoded.",
      );
      return;
    }
    desk.load().catch((error: Error) => setRefusal(wordsOf(error)));
  }, [desk, serial]);
  if (!serial) return <NoSerial />;
  return (
    <main class="columns">
      <div class="side">
        <ConnectPanel desk={desk} serial={serial} refusal={refusal} />
        <UploadPanel desk={desk} />
        <ConfigurePanel desk={desk} />
        <PinPanel desk={desk} />
        <FlashPanel desk={desk} />
      </div>
      <div class="wide console-column">
        <ConsolePanel desk={desk} />
      </div>
    </main>
  );
}

/** Beside the frames: nothing while no board is connected. */
export function AttachedBoardConsole({ desk }: { desk: BoardController }) {
  useModelChanges(desk);
  return desk.link.state === "open" ? <ConsolePanel desk={desk} /> : null;
}

function wordsOf(error: Error): string {
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
          <h2 id="no-serial-title">No serial ports here</h2>
        </div>
        <div class="prose">
          {window.isSecureContext ? (
            <p>
              This browser has no Web Serial. Chrome and Edge have it on the desktop from release 89, Opera
              from 75.
            </p>
          ) : (
            <p>
              Browsers give serial ports to pages of this computer or by https only: open the page as{" "}
              <code>http://localhost:{location.port}</code> on the computer that the board is plugged into.
            </p>
          )}
          <p>
            Without it, <code>motekit upload</code>, <code>motekit configure</code> and{" "}
            <code>motekit monitor</code> do the same in a terminal.
          </p>
        </div>
      </section>
    </main>
  );
}
