import { useLayoutEffect, useState } from "preact/hooks";
import { useHeld } from "../controls/long-list.ts";
import { saveFile } from "../controls/save-file.ts";
import { savedMessages, shownMessages } from "../model/choose-messages.ts";
import { type ExportForm, exportMessages } from "../model/export-messages.ts";
import type { HubModel } from "../model/hub-model.ts";
import type { LoggedMessage } from "../model/message.ts";
import { MESSAGES_MAX, ROWS_MAX } from "../model/message-log.ts";
import type { Pause, PauseStep } from "../model/pause.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import { visibleText } from "../model/text/visible-text.ts";
import { HISTORY_MAX } from "../model/topic-tree.ts";
import { MessageRows } from "./message-rows.tsx";
import { usePause } from "./use-pause.ts";

export interface MessagePanelProps {
  readonly model: HubModel;
  readonly plots: PlotChoice;
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  /** The topic whose history is shown, or undefined for the messages of all topics. */
  readonly topic: string | undefined;
  readonly showAllTopics: () => void;
}

export function MessagePanel(props: MessagePanelProps) {
  const { model, plots, filter, topic } = props;
  const { pause, step, toggle, press } = usePause(model);
  const [page, setPage] = useState<number | undefined>(undefined);
  // The history of a topic has one page only.
  const olderThan = topic === undefined ? page : undefined;
  const choice = { filter, topic, olderThan, since: pause.since };
  const isPaused = pause.since !== undefined;
  const isStill = isPaused || olderThan !== undefined;
  const messages = useHeld(
    () => shownMessages(model, choice),
    JSON.stringify([filter, topic, olderThan]),
    isStill,
  );
  useVisibleOpenMessage(pause, messages, step);
  const { total } = model.log;
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
              press();
              setPage(undefined);
            }}
          >
            {isPaused ? "Resume" : "Pause"}
          </button>
          <ExportMenu messages={() => savedMessages(model, choice)} />
          <button
            type="button"
            class="button"
            onClick={() => {
              step({ kind: "clear" });
              setPage(undefined);
              model.clearLog();
            }}
          >
            Clear
          </button>
        </div>
      </div>
      {topic !== undefined && (
        <p class="looked-at">
          <span>
            History of <code>{visibleText(topic)}</code>: up to {HISTORY_MAX} messages, each with its changes
          </span>
          <button type="button" class="button" onClick={props.showAllTopics}>
            Show all topics
          </button>
        </p>
      )}
      <MessageRows
        messages={messages}
        showsChanges={topic !== undefined}
        isStill={isStill}
        open={pause.open}
        toggle={toggle}
        emptyText={filter ? "No message matches the filter." : "No messages yet."}
        colourOf={(message) => model.subscriptions.colourOf(message.topic)}
        plots={plots}
      />
      <PauseStatus pause={pause} total={total} />
      <p class="panel-foot messages-foot">
        <span>
          Newest first. Shows up to {ROWS_MAX} of <span class="number">{model.log.size}</span> stored messages
          (at most {MESSAGES_MAX}).
        </span>
        {topic === undefined && (
          <Pager messages={messages} isOlder={olderThan !== undefined} turn={setPage} />
        )}
      </p>
    </section>
  );
}

/** Ends a pause that an open message caused, when a filter or another topic hides the message. */
function useVisibleOpenMessage(
  { open }: Pause,
  messages: readonly LoggedMessage[],
  step: (step: PauseStep) => void,
): void {
  const isHidden = open.size > 0 && !messages.some(({ serial }) => open.has(serial));
  useLayoutEffect(() => {
    if (isHidden) step({ kind: "hidden" });
  }, [isHidden, step]);
}

function PauseStatus({ pause: { since, isByButton }, total }: { pause: Pause; total: number }) {
  const missed = total - (since?.total ?? total);
  // Below the rows, so that they do not move. The count is not part of the status, so that screen readers do not read each change.
  return (
    <p class={since ? "paused paused-below" : "hidden"}>
      <span role="status">{since && (isByButton ? "Paused." : "Paused while a message is open.")}</span>
      {since && (
        <>
          {" "}
          <span class="number">{missed}</span> new {missed === 1 ? "message" : "messages"}.
        </>
      )}
    </p>
  );
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
      aria-label="Export messages"
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
  /** Shows the messages before a serial, or the newest if it is undefined. */
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
