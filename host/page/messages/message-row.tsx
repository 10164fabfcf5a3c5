import { Component } from "preact";
import { useState } from "preact/hooks";
import { formatBytes, formatClock } from "../controls/format.ts";
import type { LoggedMessage } from "../model/message.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import { seriesId } from "../model/series/series.ts";
import { hexDump, numericFields, type Payload, payloadLine, payloadText } from "../model/text/payload.ts";
import { visibleText } from "../model/text/visible-text.ts";
import { PlotChip } from "../plots/plot-chip.tsx";
import { diffPayloads } from "./payload-diff.ts";

const LINE_CHARACTERS_MAX = 400;

export interface MessageRowProps {
  readonly message: LoggedMessage;
  /** The previous message of the topic, with which the row shows the changes. */
  readonly previous: LoggedMessage | undefined;
  readonly isOpen: boolean;
  readonly toggle: (serial: number) => void;
  /** The colour of the subscription that matched the message. */
  readonly colour: number | undefined;
  readonly plots: PlotChoice;
}

/** The row of a message. A message never changes, so its row does not render again when other messages arrive. */
export class MessageRow extends Component<MessageRowProps> {
  override shouldComponentUpdate(next: MessageRowProps): boolean {
    return !isSameRow(this.props, next);
  }

  override render(props: MessageRowProps) {
    return <MessageItem {...props} />;
  }
}

function MessageItem({ message, previous, isOpen, toggle, colour, plots }: MessageRowProps) {
  const { payload } = message;
  const mark = colour === undefined ? "" : ` message-of-${colour}`;
  return (
    <li class={`${isOpen ? "message message-open" : "message"}${mark}`} data-topic={message.topic}>
      <button
        type="button"
        class="message-line"
        aria-expanded={isOpen}
        onClick={() => toggle(message.serial)}
      >
        <time class="message-time" dateTime={new Date(message.timeMs).toISOString()}>
          {formatClock(message.timeMs)}
        </time>
        <TopicText topic={message.topic} />
        <span class={`message-payload payload-${payload.kind}`}>
          {payloadLine(payload, LINE_CHARACTERS_MAX)}
        </span>
        <span class="message-marks">
          {message.retain && (
            <span class="mark" title="A retained message of the hub">
              retained
            </span>
          )}
          <span class="message-qos" title={`QoS ${message.qos}`}>
            <span class="hidden">QoS </span>
            {message.qos}
          </span>
        </span>
      </button>
      {previous && <Changes before={previous.payload} after={payload} />}
      {isOpen && <MessageDetail message={message} plots={plots} />}
    </li>
  );
}

function isSameRow(one: MessageRowProps, other: MessageRowProps): boolean {
  return (
    one.message === other.message &&
    one.previous === other.previous &&
    one.isOpen === other.isOpen &&
    one.colour === other.colour &&
    one.plots === other.plots
  );
}

const DIFF_MARKS = { same: " ", added: "+", removed: "-" } as const;
/** Number of unchanged lines around each change. */
const CONTEXT_LINES = 2;

function Changes({ before, after }: { before: Payload; after: Payload }) {
  const lines = diffPayloads(before, after);
  const changed = lines.flatMap(({ kind }, index) => (kind === "same" ? [] : [index]));
  if (changed.length === 0) return <p class="diff-none">No changes</p>;
  const shown = lines.flatMap((line, index) =>
    changed.some((at) => Math.abs(at - index) <= CONTEXT_LINES) ? [{ ...line, index }] : [],
  );
  return (
    <pre class="diff">
      <span class="hidden">Changes:{"\n"}</span>
      {shown.map(({ kind, text, index }, place) => (
        <span key={index} class={`diff-${kind}`}>
          {place > 0 && index - (shown[place - 1]?.index ?? 0) > 1 && "…\n"}
          {DIFF_MARKS[kind]} {text}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

/** A topic with its last level emphasized, because topics usually differ there. */
function TopicText({ topic }: { topic: string }) {
  const cut = topic.lastIndexOf("/") + 1;
  return (
    <span class="message-topic" title={topic}>
      <span class="topic-path">{visibleText(topic.slice(0, cut))}</span>
      <span class="topic-name">{visibleText(topic.slice(cut))}</span>
    </span>
  );
}

type Form = "json" | "text" | "hex";

const FORM_LABELS: Record<Form, string> = { json: "JSON", text: "Text", hex: "Hex" };

function formsOf(payload: Payload): Form[] {
  if (payload.kind === "json") return ["json", "text", "hex"];
  return payload.kind === "bytes" ? ["hex"] : ["text", "hex"];
}

function formText(payload: Payload, form: Form): string {
  if (form === "hex") return hexDump(payload.bytes);
  return form === "json" ? payloadText(payload) : visibleText(payload.text ?? "");
}

function MessageDetail({ message, plots }: { message: LoggedMessage; plots: PlotChoice }) {
  const { payload, topic } = message;
  const forms = formsOf(payload);
  const [form, setForm] = useState<Form>(forms[0] as Form);
  const fields = message.retain ? [] : numericFields(payload);
  return (
    <div class="detail">
      <div class="detail-tools">
        {forms.map((choice) => (
          <button
            key={choice}
            type="button"
            class="button small"
            aria-pressed={choice === form}
            onClick={() => setForm(choice)}
          >
            {FORM_LABELS[choice]}
          </button>
        ))}
        <span class="quiet">{formatBytes(payload.bytes.length)}</span>
      </div>
      <p class="detail-topic">
        <code>{visibleText(topic)}</code>
      </p>
      <pre class="detail-payload">{formText(payload, form)}</pre>
      {fields.length > 0 && (
        <div class="detail-numbers">
          {fields.map(({ path, value }) => (
            <PlotChip key={path} id={seriesId(topic, path)} label={path} value={value} plots={plots} />
          ))}
        </div>
      )}
    </div>
  );
}
