import { useState } from "preact/hooks";
import type { HubModel } from "../model/hub-model.ts";
import type { LoggedMessage } from "../model/message.ts";
import { visibleText } from "../model/visible-text.ts";
import type { PlotChoice } from "../plots/plot-choice.ts";
import { useRovingRows } from "../roving-rows.ts";
import { saveFile } from "../save-file.ts";
import { type ExportForm, exportMessages } from "./export-messages.ts";
import { MESSAGES_MAX, ROWS_MAX } from "./message-log.ts";
import { MessageRow } from "./message-row.tsx";
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

interface Rows {
  readonly messages: readonly LoggedMessage[];
  /** The message of the same topic before each, where one topic is looked at. */
  readonly before: (index: number) => LoggedMessage | undefined;
}

export function MessagePanel(props: MessagePanelProps) {
  const { model, plots, filter, topic } = props;
  const [pausedAt, setPausedAt] = useState<number | undefined>(undefined);
  const [olderThan, setOlderThan] = useState<number | undefined>(undefined);
  const { messages, before } = rowsOf(model, filter, topic, olderThan ?? pausedAt);
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
            onInput={(event) => props.setFilter(event.currentTarget.value)}
          />
          <button
            type="button"
            class="button"
            aria-pressed={pausedAt !== undefined}
            onClick={() => {
              setPausedAt(pausedAt === undefined ? model.log.total : undefined);
              setOlderThan(undefined);
            }}
          >
            {pausedAt === undefined ? "Pause" : "Resume"}
          </button>
          <ExportMenu messages={() => exported(model, filter, topic)} />
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

interface MessageRowsProps extends Rows {
  readonly emptyWords: string;
  readonly colourOf: (message: LoggedMessage) => number | undefined;
  readonly plots: PlotChoice;
}

function MessageRows({ messages, before, emptyWords, colourOf, plots }: MessageRowsProps) {
  const roving = useRovingRows("button.message-line");
  if (messages.length === 0) return <p class="empty">{emptyWords}</p>;
  return (
    <>
      <div class="message-heads" aria-hidden="true">
        <span>Time</span>
        <span>Topic</span>
        <span>Payload</span>
        <span>QoS</span>
      </div>
      <ol class="messages" {...roving}>
        {messages.map((message, index) => (
          <MessageRow
            key={message.serial}
            message={message}
            before={before(index)}
            colour={colourOf(message)}
            plots={plots}
          />
        ))}
      </ol>
    </>
  );
}
