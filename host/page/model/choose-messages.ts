/** Which of the messages are shown, and which are saved. */
import type { HubModel } from "./hub-model.ts";
import type { LoggedMessage } from "./message.ts";
import { MESSAGES_MAX } from "./message-log.ts";
import type { PausePoint } from "./pause.ts";
import { HISTORY_MAX } from "./topic-tree.ts";

export interface Choice {
  readonly filter: string;
  /** Its history alone, whatever the filter is; undefined: messages of all topics. */
  readonly topic: string | undefined;
  /** Those before a serial: an older page. */
  readonly olderThan: number | undefined;
  /** What there was when the list was paused. */
  readonly since: PausePoint | undefined;
}

/** The newest first, as many as are shown at once. */
export function shownMessages(model: HubModel, choice: Choice): readonly LoggedMessage[] {
  const { filter, topic, olderThan, since } = choice;
  if (topic !== undefined) return historyOf(model, topic, since);
  return (since?.log ?? model.log).newest(filter, olderThan ?? since?.total);
}

/** All that the filter lets through of what is kept, the oldest first. */
export function savedMessages(model: HubModel, { filter, topic, since }: Choice): readonly LoggedMessage[] {
  const newestFirst =
    topic === undefined
      ? (since?.log ?? model.log).newest(filter, since?.total, MESSAGES_MAX)
      : historyOf(model, topic, since);
  return newestFirst.toReversed();
}

/** The newest first. A topic that is seldom written keeps messages longer than the log, and a busy one not as long. */
function historyOf(model: HubModel, topic: string, since: PausePoint | undefined): readonly LoggedMessage[] {
  const kept = model.tree.find(topic)?.history.toReversed() ?? [];
  if (!since) return kept;
  const before = kept.filter(({ serial }) => serial < since.total);
  const logged = since.log.ofTopic(topic, since.total, HISTORY_MAX);
  return before.length >= logged.length ? before : logged;
}
