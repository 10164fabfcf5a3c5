import { useState } from "preact/hooks";
import { hexDump, numericFields, type Payload, payloadLine, prettyJson } from "../model/payload.ts";
import { PlotChip } from "../plots/plot-chip.tsx";
import type { PlotChoice } from "../plots/plot-choice.ts";
import { seriesId } from "../plots/series.ts";
import { formatBytes, formatClock } from "../wording.ts";
import type { LoggedMessage } from "./message-log.ts";

const LINE_CHARACTERS_MAX = 400;

export function MessageRow({ message, plots }: { message: LoggedMessage; plots: PlotChoice }) {
  const [open, setOpen] = useState(false);
  const { payload } = message;
  return (
    <li class={open ? "message message-open" : "message"} data-topic={message.topic}>
      <button type="button" class="message-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <time class="message-time" dateTime={new Date(message.timeMs).toISOString()}>
          {formatClock(message.timeMs)}
        </time>
        <TopicText topic={message.topic} />
        <span class={`message-payload payload-${payload.kind}`}>
          {payloadLine(payload).slice(0, LINE_CHARACTERS_MAX)}
        </span>
        <span class="message-marks">
          {message.retain && (
            <span class="mark" title="Retained: the hub had kept this message">
              retained
            </span>
          )}
          <span class="message-qos" title={`QoS ${message.qos}`}>
            <span class="hidden">QoS </span>
            {message.qos}
          </span>
        </span>
      </button>
      {open && <MessageDetail message={message} plots={plots} />}
    </li>
  );
}

/** The last level is what tells topics apart, so it stands out. */
function TopicText({ topic }: { topic: string }) {
  const cut = topic.lastIndexOf("/") + 1;
  return (
    <span class="message-topic" title={topic}>
      <span class="topic-path">{topic.slice(0, cut)}</span>
      <span class="topic-name">{topic.slice(cut)}</span>
    </span>
  );
}

type Form = "json" | "text" | "hex";

const FORM_WORDS: Record<Form, string> = { json: "JSON", text: "Text", hex: "Hex" };

function formsOf(payload: Payload): Form[] {
  if (payload.kind === "json") return ["json", "text", "hex"];
  return payload.kind === "bytes" ? ["hex"] : ["text", "hex"];
}

function formText(payload: Payload, form: Form): string {
  if (form === "hex") return hexDump(payload.bytes);
  return form === "json" ? prettyJson(payload) : (payload.text ?? "");
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
            {FORM_WORDS[choice]}
          </button>
        ))}
        <span class="quiet">{formatBytes(payload.bytes.length)}</span>
      </div>
      <p class="detail-topic">
        <code>{topic}</code>
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
