import { useState } from "preact/hooks";
import { DEFAULT_TOPIC_PREFIX } from "../../../firmware/contract/topics.ts";
import type { Publication, Qos } from "../hub-connection.ts";

const QOS_CHOICES: readonly Qos[] = [0, 1, 2];
const TOPIC_BYTES_MAX = 65_535;

interface Outcome {
  readonly text: string;
  readonly failed: boolean;
}

export interface PublishFormProps {
  readonly connected: boolean;
  readonly publish: (publication: Publication) => Promise<void>;
}

export function PublishForm({ connected, publish }: PublishFormProps) {
  const [draft, setDraft] = useState<Publication>({ topic: "", payload: "", qos: 0, retain: false });
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  const change = (part: Partial<Publication>): void => setDraft((now) => ({ ...now, ...part }));
  const send = (): void => {
    const fault = faultOf(draft.topic);
    if (fault) {
      setOutcome({ text: fault, failed: true });
      return;
    }
    publish(draft).then(
      () => setOutcome({ text: `Published to ${draft.topic}`, failed: false }),
      (error: Error) => setOutcome({ text: error.message, failed: true }),
    );
  };
  return (
    <section class="panel publish-panel" aria-labelledby="publish-title">
      <div class="panel-head">
        <h2 id="publish-title">Publish</h2>
      </div>
      <form
        class="publish"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      >
        <PublishFields draft={draft} change={change} />
        <div class="publish-end">
          <button type="submit" class="button primary" disabled={!connected}>
            Publish
          </button>
          <p class={outcome?.failed ? "outcome alarm" : "outcome"} role="status">
            {outcome?.text}
          </p>
        </div>
      </form>
    </section>
  );
}

function PublishFields(props: { draft: Publication; change: (part: Partial<Publication>) => void }) {
  const { draft, change } = props;
  return (
    <>
      <label class="field">
        <span class="field-label">Topic</span>
        <input
          type="text"
          name="topic"
          spellcheck={false}
          autocomplete="off"
          placeholder={`${DEFAULT_TOPIC_PREFIX}/…/command/interval`}
          value={draft.topic}
          onInput={(event) => change({ topic: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span class="field-label">Payload</span>
        <textarea
          name="payload"
          rows={3}
          spellcheck={false}
          value={draft.payload}
          onInput={(event) => change({ payload: event.currentTarget.value })}
        />
      </label>
      <div class="publish-options">
        <fieldset class="segments">
          <legend>QoS</legend>
          {QOS_CHOICES.map((qos) => (
            <label key={qos} class="segment">
              <input type="radio" name="qos" checked={draft.qos === qos} onChange={() => change({ qos })} />
              <span>{qos}</span>
            </label>
          ))}
        </fieldset>
        <label class="check">
          <input
            type="checkbox"
            name="retain"
            checked={draft.retain}
            onChange={(event) => change({ retain: event.currentTarget.checked })}
          />
          <span>Retain</span>
        </label>
      </div>
    </>
  );
}

/** What is wrong with the topic of a message, or undefined. */
function faultOf(topic: string): string | undefined {
  if (topic === "") return "A message needs a topic.";
  // [MQTT-3.3.2-2]
  if (/[+#]/.test(topic)) return "A message goes to one topic: + and # are for subscriptions.";
  if (topic.startsWith("$")) return "Topics that begin with $ are the hub's own.";
  if (new TextEncoder().encode(topic).length > TOPIC_BYTES_MAX) return "The topic is too long.";
  return undefined;
}
