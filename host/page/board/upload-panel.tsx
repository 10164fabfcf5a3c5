import { useState } from "preact/hooks";
import type { BoardController } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";

export function UploadPanel({ desk }: { desk: BoardController }) {
  const [replaces, setReplaces] = useState(false);
  const { link, jobs } = desk;
  return (
    <section class="panel" aria-labelledby="upload-title">
      <div class="panel-head">
        <h2 id="upload-title">Upload</h2>
      </div>
      <div class="board-body">
        <p class="quiet">
          Builds the firmware for this board. It boots the app of before, or the new one whole.
        </p>
        <label class="check">
          <input
            type="checkbox"
            checked={replaces}
            onChange={(event) => setReplaces(event.currentTarget.checked)}
          />
          <span>Replace a boot code that is not this motekit's</span>
        </label>
        <div class="board-actions">
          <button
            type="button"
            class="button primary"
            disabled={link.state !== "open" || jobs.running !== undefined || !desk.control.hasToken}
            onClick={() => void desk.upload(replaces)}
          >
            Upload the build
          </button>
        </div>
        <JobStatus jobs={jobs} kind="upload" />
      </div>
    </section>
  );
}
