import { useLongList } from "../controls/long-list.ts";
import type { LoggedMessage } from "../model/message.ts";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import { MessageRow } from "./message-row.tsx";

/** Of a row of one line, the lowest there is. */
const ROW_HEIGHT_PX = 34;
/** As in messages.css. */
const LIST_HEIGHT_PX_MIN = 420;

export interface MessageRowsProps {
  /** The newest first. */
  readonly messages: readonly LoggedMessage[];
  /** They are of one topic: each shows what it changed. */
  readonly showsChanges: boolean;
  /** No message comes while it is shown. */
  readonly isStill: boolean;
  readonly open: ReadonlySet<number>;
  readonly toggle: (serial: number) => void;
  readonly emptyWords: string;
  readonly colourOf: (message: LoggedMessage) => number | undefined;
  readonly plots: PlotChoice;
}

export function MessageRows(props: MessageRowsProps) {
  const { messages, showsChanges, isStill, open, toggle, emptyWords, colourOf, plots } = props;
  const { list, drawn } = useLongList({
    selector: "button.message-line",
    rowHeightPx: ROW_HEIGHT_PX,
    listHeightPxMin: LIST_HEIGHT_PX_MIN,
    isStill,
  });
  if (messages.length === 0) return <p class="empty">{emptyWords}</p>;
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
            before={showsChanges ? messages[index + 1] : undefined}
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
