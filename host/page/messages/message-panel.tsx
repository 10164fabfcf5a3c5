import { useReducer, useState } from "preact/hooks";
import { useHeld } from "../long-list.ts";
import type { HubModel } from "../model/hub-model.ts";
import type { LoggedMessage } from "../model/message.ts";
import { visibleText } from "../model/visible-text.ts";
import type { PlotChoice } from "../plots/plot-choice.ts";
import { saveFile } from "../save-file.ts";
import { type ExportForm, exportMessages } from "./export-messages.ts";
import { MESSAGES_MAX, ROWS_MAX } from "./message-log.ts";
import { MessageRows, type Rows } from "./message-rows.tsx";
import { nextPause, type Pause, RUNNING } from "./pause.ts";
import { HISTORY_MAX } from "./topic-tree.ts";

export interface MessagePanelProps {
  readonly model: HubModel;
  readonly plots: PlotChoice;
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  /** Its history alone is shown; undefined: messages of all topics. */
  readonly topic: string | undefined;
  readonly lookAtAll: () => void;
}

export function MessagePanel(props: MessagePanelProps) {
  const { model, plots, filter, topic } = props;
  const [pause, step] = useReducer(nextPause, RUNNING);
  const [olderThan, setOlderThan] = useState<number | undefined>(undefined);
  const beforeSerial = olderThan ?? pause.sinceTotal;
  const { messages, before } = useHeld(
    () => rowsOf(model, filter, topic, beforeSerial),
    beforeSerial === undefined ? undefined : JSON.stringify([filter, topic, beforeSerial]),
  );
  const { total } = model.log;
  const isPaused = pause.sinceTotal !== undefined;
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
            onInput={(event) => props.setFilter(event.currentTarget.value)}
          />
          <button
            type="button"
            class="button"
            aria-pressed={isPaused}
            onClick={() => {
              step({ kind: "button", total });
              setOlderThan(undefined);
            }}
          >
            {isPaused ? "Resume" : "Pause"}
          </button>
          <ExportMenu messages={() => exported(model, filter, topic)} />
          <button
            type="button"
            class="button"
            onClick={() => {
              step({ kind: "clear" });
              setOlderThan(undefined);
              model.clearLog();
            }}
          >
            Clear
          </button>
        </div>
      </div>
      <PausedWords pause={pause} total={total} />
      {topic !== undefined && (
        <p class="looked-at">
          <span>
            History of <code>{visibleText(topic)}</code>, up to {HISTORY_MAX} messages, each with what it
            changed
          </span>
          <button type="button" class="button" onClick={props.lookAtAll}>
            All topics
          </button>
        </p>
      )}
      <MessageRows
        messages={messages}
        before={before}
        isStill={beforeSerial !== undefined}
        open={pause.open}
        toggle={(serial) => step({ kind: "message", serial, total: model.log.total })}
        emptyWords={filter ? "No message matches the filter." : "No message yet."}
        colourOf={(message) => model.subscriptions.colourOf(message.topic)}
        plots={plots}
      />
      <p class="panel-foot messages-foot">
        <span>
          Newest first, at most {ROWS_MAX} shown of <span class="number">{model.log.size}</span> kept (up to{" "}
          {MESSAGES_MAX}).
        </span>
        {topic === undefined && (
          <Pager messages={messages} isOlder={olderThan !== undefined} turn={setOlderThan} />
        )}
      </p>
    </section>
  );
}

function PausedWords({ pause, total }: { pause: Pause; total: number }) {
  const { sinceTotal, isByButton } = pause;
  const isPaused = sinceTotal !== undefined;
  const missed = total - (sinceTotal ?? total);
  // The count is no part of the status: it would be read out with each message that comes.
  return (
    <p class={isPaused ? "paused" : "hidden"}>
      <span role="status">{isPaused && (isByButton ? "Paused." : "Paused while a message is open.")}</span>
      {isPaused && (
        <>
          {" "}
          <span class="number">{missed}</span> newer {missed === 1 ? "message" : "messages"}.
        </>
      )}
    </p>
  );
}

function rowsOf(
  model: HubModel,
  filter: string,
  topic: string | undefined,
  beforeSerial = Number.POSITIVE_INFINITY,
): Rows {
  if (topic === undefined) {
    return { messages: model.log.newest(filter, beforeSerial), before: () => undefined };
  }
  const history = model.tree.find(topic)?.history.filter(({ serial }) => serial < beforeSerial) ?? [];
  const newestFirst = history.toReversed();
  return { messages: newestFirst, before: (index) => newestFirst[index + 1] };
}

function exported(model: HubModel, filter: string, topic: string | undefined): readonly LoggedMessage[] {
  if (topic !== undefined) return model.tree.find(topic)?.history ?? [];
  return model.log.newest(filter, Number.POSITIVE_INFINITY, MESSAGES_MAX).toReversed();
}

function ExportMenu({ messages }: { messages: () => readonly LoggedMessage[] }) {
  const save = (form: ExportForm): void => {
    const type = form === "csv" ? "text/csv" : "application/x-ndjson";
    const stamp = new Date().toISOString().replace(/[:.]/g, "-");
    saveFile(`messages-${stamp}.${form}`, type, exportMessages(messages(), form));
  };
  return (
    <select
      class="series-menu export-menu"
      aria-label="Export the messages that the filter shows"
      value=""
      onChange={(event) => {
        const form = event.currentTarget.value;
        event.currentTarget.value = "";
        if (form === "csv" || form === "jsonl") save(form);
      }}
    >
      <option value="">Export…</option>
      <option value="jsonl">JSON lines</option>
      <option value="csv">CSV</option>
    </select>
  );
}

interface PagerProps {
  readonly messages: readonly LoggedMessage[];
  readonly isOlder: boolean;
  /** Shows those before a serial; undefined: the newest. */
  readonly turn: (serial: number | undefined) => void;
}

function Pager({ messages, isOlder, turn }: PagerProps) {
  const oldest = messages.at(-1)?.serial;
  return (
    <span class="pager">
      {isOlder && (
        <button type="button" class="button" onClick={() => turn(undefined)}>
          Newest
        </button>
      )}
      <button type="button" class="button" disabled={messages.length < ROWS_MAX} onClick={() => turn(oldest)}>
        Older
      </button>
    </span>
  );
}
