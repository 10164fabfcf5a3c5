import { useLongList } from "../controls/long-list.ts";
import type { LoggedMessage } from "../model/message.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import { MessageRow } from "./message-row.tsx";

/** The height of a row with one line, which is the minimum. */
const ROW_HEIGHT_PX = 34;
/** The same value as in messages.css. */
const LIST_HEIGHT_PX_MIN = 420;

export interface MessageRowsProps {
  /** Newest first. */
  readonly messages: readonly LoggedMessage[];
  /** True for the history of one topic, in which each row shows its changes. */
  readonly showsChanges: boolean;
  /** True if no messages are added at the moment. */
  readonly isStill: boolean;
  readonly open: ReadonlySet<number>;
  readonly toggle: (serial: number) => void;
  readonly emptyText: string;
  readonly colourOf: (message: LoggedMessage) => number | undefined;
  readonly plots: PlotChoice;
}

export function MessageRows(props: MessageRowsProps) {
  const { messages, showsChanges, isStill, open, toggle, emptyText, colourOf, plots } = props;
  const { list, drawn } = useLongList({
    selector: "button.message-line",
    rowHeightPx: ROW_HEIGHT_PX,
    listHeightPxMin: LIST_HEIGHT_PX_MIN,
    isStill,
  });
  if (messages.length === 0) return <p class="empty">{emptyText}</p>;
  return (
    <>
      <div class="message-heads" aria-hidden="true">
        <span>Time</span>
        <span>Topic</span>
        <span>Payload</span>
        <span>QoS</span>
      </div>
      <ol class="messages" {...list}>
        {drawn(messages).map((message, index) => (
          <MessageRow
            key={message.serial}
            message={message}
            previous={showsChanges ? messages[index + 1] : undefined}
            isOpen={open.has(message.serial)}
            toggle={toggle}
            colour={colourOf(message)}
            plots={plots}
          />
        ))}
      </ol>
    </>
  );
}
