import { useEffect, useState } from "preact/hooks";
import type { BoardAction } from "../../control/simulated-boards.ts";
import { AttachedConsole } from "../board/board-view.tsx";
import type { ControlClient, FeedState } from "../connection/control-client.ts";
import { useHeld } from "../controls/long-list.ts";
import { useModelChanges } from "../controls/use-model.ts";
import type { SimulatedBoards } from "../model/simulated-boards.ts";
import type { ViewState } from "../model/view-state.ts";
import type { WireEntry, WireFilter, WireLog } from "../model/wire-log.ts";
import { BoardConsole } from "../simulated/board-console.tsx";
import { FaultPanel } from "./fault-panel.tsx";
import { FrameDetail } from "./frame-detail.tsx";
import { FrameList } from "./frame-list.tsx";

const ROWS_MAX = 300;

export interface WireViewProps {
  readonly log: WireLog;
  readonly boards: SimulatedBoards;
  readonly control: ControlClient;
  /** The state of the feed of frames. Undefined until it begins. */
  readonly feed: FeedState | undefined;
  readonly state: ViewState;
  /** Changes the page's address, so that a link restores the state. */
  readonly change: (part: Partial<ViewState>) => void;
}

/** The Wire view: the hub's frames, the bytes of the selected one, and the faults that are injected. */
export function WireView({ log, boards, control, feed, state, change }: WireViewProps) {
  useModelChanges(log);
  useModelChanges(boards);
  const [kinds, setKinds] = useState({
    showsPings: true,
    // Frames of the page repeat each message of a device, so they are shown only if the hub's frames are not available.
    showsOwn: !control.hasToken,
  });
  // Anyone can write a link, so the packet type may be unknown.
  const packet = PACKETS.find((known) => known === state.packet) ?? "";
  const filter: WireFilter = { ...kinds, client: state.client, packet };
  const setFilter = ({ client, packet: wanted, ...others }: WireFilter): void => {
    setKinds(others);
    change({ client, packet: wanted });
  };
  const [paused, setPaused] = useState<readonly WireEntry[] | undefined>(undefined);
  const [chosen, setChosen] = useState<WireEntry | undefined>(undefined);
  const entries = useHeld(
    () => log.newest(filter, ROWS_MAX, paused),
    JSON.stringify(filter),
    paused !== undefined,
  );
  return (
    <main class="columns wire-view">
      <div class="wide">
        <section class="panel" aria-labelledby="frames-title">
          <div class="panel-head">
            <h2 id="frames-title">Frames</h2>
            <WireTools log={log} filter={filter} setFilter={setFilter} />
            <div class="tools">
              <button
                type="button"
                class="button"
                aria-pressed={paused !== undefined}
                onClick={() => setPaused(paused ? undefined : log.all())}
              >
                {paused ? "Resume" : "Pause"}
              </button>
              <button
                type="button"
                class="button"
                onClick={() => {
                  setPaused(undefined);
                  log.clear();
                }}
              >
                Clear
              </button>
            </div>
          </div>
          <FeedStatus control={control} state={feed} />
          <FrameList entries={entries} isStill={paused !== undefined} chosen={chosen} choose={setChosen} />
          <p class="panel-foot">
            Newest first. Shows up to {ROWS_MAX} of <span class="number">{log.size}</span> frames. → to the
            hub, ← from the hub.
          </p>
        </section>
        <AttachedConsole />
        <ClientConsole boards={boards} control={control} client={filter.client || (chosen?.client ?? "")} />
      </div>
      <div class="side wire-side">
        <FrameDetail entry={chosen} />
        <FaultPanel control={control} faults={log.faults} clients={log.clients()} />
      </div>
    </main>
  );
}

/** The console of the selected client, if it is a simulated board. */
function ClientConsole(props: { boards: SimulatedBoards; control: ControlClient; client: string }) {
  const { boards, control, client } = props;
  const [problem, setProblem] = useState("");
  const act = (action: BoardAction): void => {
    setProblem("");
    control.actSimulated(action).catch((error: Error) => setProblem(error.message));
  };
  const board = boards.all?.find(({ record }) => record.id === client);
  if (!board) return null;
  return (
    <section class="panel wire-console" aria-labelledby="simulated-console-title">
      <div class="panel-head">
        <h2 id="simulated-console-title">Console of {client}</h2>
      </div>
      <BoardConsole board={board} act={act} />
      {problem !== "" && (
        <p class="panel-foot alarm" role="status">
          {problem}
        </p>
      )}
    </section>
  );
}

function FeedStatus({ control, state }: { control: ControlClient; state: FeedState | undefined }) {
  if (!control.hasToken) {
    return (
      <p class="paused" role="status">
        This page was not opened with the link that the hub printed, so it shows only its own frames. Open
        that link to see the frames of all clients.
      </p>
    );
  }
  if (!(state instanceof Error)) return null;
  return (
    <p class="paused" role="status">
      The frames of the hub are not available: {state.message}
    </p>
  );
}

const PACKETS = [
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
] as const;

interface WireToolsProps {
  readonly log: WireLog;
  readonly filter: WireFilter;
  readonly setFilter: (filter: WireFilter) => void;
}

function WireTools({ log, filter, setFilter }: WireToolsProps) {
  const clients = log.clients();
  // The selected client stays in the menu even if the log has no more frames of it.
  const offered =
    filter.client === "" || clients.includes(filter.client) ? clients : [filter.client, ...clients];
  return (
    <div class="tools">
      <select
        class="series-menu"
        aria-label="Client"
        value={filter.client}
        onChange={(event) => setFilter({ ...filter, client: event.currentTarget.value })}
      >
        <option value="">All clients</option>
        {offered.map((client) => (
          <option key={client} value={client}>
            {client}
          </option>
        ))}
      </select>
      <select
        class="series-menu"
        aria-label="Packet"
        value={filter.packet}
        onChange={(event) => setFilter({ ...filter, packet: event.currentTarget.value })}
      >
        <option value="">All packets</option>
        {PACKETS.map((packet) => (
          <option key={packet} value={packet}>
            {packet}
          </option>
        ))}
      </select>
      <label class="check">
        <input
          type="checkbox"
          checked={filter.showsPings}
          onChange={(event) => setFilter({ ...filter, showsPings: event.currentTarget.checked })}
        />
        <span>Pings</span>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={filter.showsOwn}
          onChange={(event) => setFilter({ ...filter, showsOwn: event.currentTarget.checked })}
        />
        <span>This page's frames</span>
      </label>
    </div>
  );
}

/** Follows the hub's frames as long as the page is open, so that the view also has the frames from before it was opened. */
export function useWireFeed(log: WireLog, control: ControlClient): FeedState | undefined {
  const [state, setState] = useState<FeedState | undefined>(undefined);
  useEffect(() => {
    if (!control.hasToken) return undefined;
    return control.follow("wire", {}, (event) => log.take(event), setState);
  }, [log, control]);
  return state;
}
