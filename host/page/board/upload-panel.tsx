import { useState } from "preact/hooks";
import type { BoardController } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";

export function UploadPanel({ controller }: { controller: BoardController }) {
  const [replaces, setReplaces] = useState(false);
  const { link, jobs } = controller;
  return (
    <section class="panel" aria-labelledby="upload-title">
      <div class="panel-head">
        <h2 id="upload-title">Upload</h2>
      </div>
      <div class="board-body">
        <p class="quiet">
          Builds the firmware for this board and writes it. If the upload is interrupted, the board still
          starts the previous app.
        </p>
        <label class="check">
          <input
            type="checkbox"
            checked={replaces}
            onChange={(event) => setReplaces(event.currentTarget.checked)}
          />
          <span>Replace boot code that this version of motekit did not write</span>
        </label>
        <div class="board-actions">
          <button
            type="button"
            class="button primary"
            disabled={link.state !== "open" || jobs.running !== undefined || !controller.control.hasToken}
            onClick={() => void controller.upload(replaces)}
          >
            Build and upload
          </button>
        </div>
        <JobStatus jobs={jobs} kind="upload" />
      </div>
    </section>
  );
}
