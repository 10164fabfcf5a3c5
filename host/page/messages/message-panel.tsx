import { useState } from "preact/hooks";
import type { HubModel } from "../model/hub-model.ts";
import type { PlotChoice } from "../plots/plot-choice.ts";
import { type LoggedMessage, MESSAGES_MAX, ROWS_MAX } from "./message-log.ts";
import { MessageRow } from "./message-row.tsx";

export function MessagePanel({ model, plots }: { model: HubModel; plots: PlotChoice }) {
  const [filter, setFilter] = useState("");
  const [pausedAt, setPausedAt] = useState<number | undefined>(undefined);
  const rows = model.log.newest(filter, pausedAt ?? Number.POSITIVE_INFINITY);
  const missed = pausedAt === undefined ? 0 : model.log.total - pausedAt;
  return (
    <section class="panel messages-panel" aria-labelledby="messages-title">
      <div class="panel-head">
        <h2 id="messages-title">Messages</h2>
        <div class="tools">
          <input
            type="search"
            class="filter"
            aria-label="Filter messages by topic or text"
            placeholder="Filter by topic or text"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
          <button
            type="button"
            class="button"
            aria-pressed={pausedAt !== undefined}
            onClick={() => setPausedAt((now) => (now === undefined ? model.log.total : undefined))}
          >
            {pausedAt === undefined ? "Pause" : "Resume"}
          </button>
          <button type="button" class="button" onClick={() => model.clearLog()}>
            Clear
          </button>
        </div>
      </div>
      {pausedAt !== undefined && (
        <p class="paused" role="status">
          Paused. <span class="number">{missed}</span> newer {missed === 1 ? "message" : "messages"}.
        </p>
      )}
      <MessageRows rows={rows} filter={filter} plots={plots} />
      <p class="panel-foot">
        Newest first, at most {ROWS_MAX} shown of <span class="number">{model.log.size}</span> kept (up to{" "}
        {MESSAGES_MAX}).
      </p>
    </section>
  );
}

function MessageRows(props: { rows: readonly LoggedMessage[]; filter: string; plots: PlotChoice }) {
  if (props.rows.length === 0) {
    return <p class="empty">{props.filter ? "No message matches the filter." : "No message yet."}</p>;
  }
  return (
    <>
      <div class="message-heads" aria-hidden="true">
        <span>Time</span>
        <span>Topic</span>
        <span>Payload</span>
        <span>QoS</span>
      </div>
      <ol class="messages">
        {props.rows.map((message) => (
          <MessageRow key={message.serial} message={message} plots={props.plots} />
        ))}
      </ol>
    </>
  );
}
