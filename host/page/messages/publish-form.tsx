import { useEffect, useState } from "preact/hooks";
import { DEFAULT_TOPIC_PREFIX } from "../../../firmware/contract/topics.ts";
import type { Publication } from "../connection/hub-connection.ts";
import { type Draft, EMPTY_DRAFT, forget, readHistory, remember } from "../model/publish-history.ts";
import { indentDraft, PAYLOAD_FORMS, type PayloadForm, readDraft } from "../model/text/payload-draft.ts";
import { problemOfTopic } from "../model/text/topic-problem.ts";
import { QosChoice } from "./qos-choice.tsx";

const FORM_LABELS: Record<PayloadForm, string> = { text: "Text", json: "JSON", hex: "Hex" };

interface Outcome {
  readonly text: string;
  readonly failed: boolean;
}

export interface PublishFormProps {
  readonly connected: boolean;
  readonly publish: (publication: Publication) => Promise<void>;
  /** The selected topic, which the form proposes. */
  readonly topic: string | undefined;
}

export function PublishForm({ connected, publish, topic }: PublishFormProps) {
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined);
  const [history, setHistory] = useState(() => readHistory(localStorage));
  const change = (part: Partial<Draft>): void => setDraft((current) => ({ ...current, ...part }));
  useEffect(() => {
    if (topic !== undefined) setDraft((current) => ({ ...current, topic }));
  }, [topic]);
  const send = (): void => {
    const payload = readDraft(draft.text, draft.form);
    const problem = problemOfTopic(draft.topic) ?? ("problem" in payload ? payload.problem : undefined);
    if (problem !== undefined || "problem" in payload) {
      setOutcome({ text: problem ?? "", failed: true });
      return;
    }
    const { topic: name, qos, retain } = draft;
    publish({ topic: name, payload: payload.bytes, qos, retain }).then(
      () => {
        setOutcome({ text: `Published to ${name}`, failed: false });
        remember(localStorage, draft);
        setHistory(readHistory(localStorage));
      },
      (error: Error) => setOutcome({ text: error.message, failed: true }),
    );
  };
  return (
    <section class="panel publish-panel" aria-labelledby="publish-title">
      <div class="panel-head">
        <h2 id="publish-title">Publish</h2>
        {history.length > 0 && (
          <PublishHistory
            history={history}
            choose={setDraft}
            clear={() => {
              forget(localStorage);
              setHistory([]);
            }}
          />
        )}
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

interface PublishHistoryProps {
  readonly history: readonly Draft[];
  readonly choose: (draft: Draft) => void;
  readonly clear: () => void;
}

const CLEAR = "clear";
const LINE_CHARACTERS_MAX = 60;

function PublishHistory({ history, choose, clear }: PublishHistoryProps) {
  return (
    <select
      class="series-menu"
      aria-label="Published messages"
      value=""
      onChange={(event) => {
        const { value } = event.currentTarget;
        event.currentTarget.value = "";
        const draft = history[Number(value)];
        if (value === CLEAR) clear();
        else if (value !== "" && draft) choose(draft);
      }}
    >
      <option value="">History…</option>
      {history.map((draft, index) => (
        <option key={JSON.stringify(draft)} value={index}>
          {`${draft.topic}  ${draft.text}`.slice(0, LINE_CHARACTERS_MAX)}
        </option>
      ))}
      <option value={CLEAR}>Clear history</option>
    </select>
  );
}

function PublishFields(props: { draft: Draft; change: (part: Partial<Draft>) => void }) {
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
          value={draft.text}
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
      </label>
      <div class="publish-options">
        <fieldset class="segments">
          <legend class="hidden">Payload format</legend>
          {PAYLOAD_FORMS.map((form) => (
            <label key={form} class="segment">
              <input
                type="radio"
                name="form"
                checked={draft.form === form}
                onChange={() => change({ form })}
              />
              <span>{FORM_LABELS[form]}</span>
            </label>
          ))}
        </fieldset>
        {draft.form === "json" && (
          <button type="button" class="button" onClick={() => change({ text: indentDraft(draft.text) })}>
            Indent
          </button>
        )}
      </div>
      <div class="publish-options">
        <QosChoice name="qos" qos={draft.qos} choose={(qos) => change({ qos })} />
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
