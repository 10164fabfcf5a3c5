/** Selects the messages that are shown, and those that are exported. */
import type { HubModel } from "./hub-model.ts";
import type { LoggedMessage } from "./message.ts";
import { MESSAGES_MAX } from "./message-log.ts";
import type { PausePoint } from "./pause.ts";
import { HISTORY_MAX } from "./topic-tree.ts";

export interface Choice {
  readonly filter: string;
  /** The topic whose history is shown, regardless of the filter, or undefined for all topics. */
  readonly topic: string | undefined;
  /** Only messages before this serial, for an older page. */
  readonly olderThan: number | undefined;
  /** The state of the log when the list was paused. */
  readonly since: PausePoint | undefined;
}

/** The messages of one page, newest first. */
export function shownMessages(model: HubModel, choice: Choice): readonly LoggedMessage[] {
  const { filter, topic, olderThan, since } = choice;
  if (topic !== undefined) return historyOf(model, topic, since);
  return (since?.log ?? model.log).newest(filter, olderThan ?? since?.total);
}

/** All stored messages that match the filter, oldest first. */
export function savedMessages(model: HubModel, { filter, topic, since }: Choice): readonly LoggedMessage[] {
  const newestFirst =
    topic === undefined
      ? (since?.log ?? model.log).newest(filter, since?.total, MESSAGES_MAX)
      : historyOf(model, topic, since);
  return newestFirst.toReversed();
}

/** Newest first. The tree keeps messages of a quiet topic longer than the log, and those of a busy topic less long. */
function historyOf(model: HubModel, topic: string, since: PausePoint | undefined): readonly LoggedMessage[] {
  const kept = model.tree.find(topic)?.history.toReversed() ?? [];
  if (!since) return kept;
  const earlier = kept.filter(({ serial }) => serial < since.total);
  const logged = since.log.ofTopic(topic, since.total, HISTORY_MAX);
  return earlier.length >= logged.length ? earlier : logged;
}
