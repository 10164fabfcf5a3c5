import { useState } from "preact/hooks";

const HISTORY_MAX = 100;

export interface ConsoleInputProps {
  readonly isOff: boolean;
  /** Gets the line without its newline. */
  readonly type: (line: string) => void;
}

/** An input for lines to a board's interpreter. The arrow keys recall previous lines. */
export function ConsoleInput({ isOff, type }: ConsoleInputProps) {
  const [draft, setDraft] = useState("");
  const [history, setHistory] = useState<readonly string[]>([]);
  const [back, setBack] = useState(0);
  const recall = (steps: number): void => {
    const next = Math.min(Math.max(back + steps, 0), history.length);
    setBack(next);
    setDraft(next === 0 ? "" : (history[history.length - next] ?? ""));
  };
  const send = (): void => {
    type(draft);
    if (draft !== "") setHistory((now) => [...now, draft].slice(-HISTORY_MAX));
    setDraft("");
    setBack(0);
  };
  return (
    <form
      class="console-form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <span class="console-prompt" aria-hidden="true">
        &gt;
      </span>
      <input
        type="text"
        class="console-input"
        aria-label="Input for the interpreter"
        placeholder={isOff ? "" : "print(process.memory())"}
        spellcheck={false}
        autocomplete="off"
        disabled={isOff}
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "ArrowUp") recall(1);
          else if (event.key === "ArrowDown") recall(-1);
        }}
      />
      <button type="submit" class="button" disabled={isOff}>
        Send
      </button>
    </form>
  );
}
