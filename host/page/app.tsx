import { useCallback, useEffect, useState } from "preact/hooks";
import { BoardView } from "./board/board-view.tsx";
import type { Connections } from "./connection/connections.ts";
import type { ControlClient } from "./connection/control-client.ts";
import { useChanges } from "./controls/use-model.ts";
import { DevicesView } from "./devices/devices-view.tsx";
import { HeaderBar } from "./header-bar.tsx";
import { MessagesView } from "./messages/messages-view.tsx";
import type { SimulatedBoards } from "./model/simulated-boards.ts";
import { readViewState, type ViewState, writeViewState } from "./model/view-state.ts";
import type { WireLog } from "./model/wire-log.ts";
import { usePlotChoice } from "./plots/use-plot-choice.ts";
import { SimulatedView, useFleetFeed } from "./simulated/simulated-view.tsx";
import { useWireFeed, WireView } from "./wire/wire-view.tsx";

/** The view state, which is stored in the page's address, so that a link restores it. */
function useViewState(): [ViewState, (part: Partial<ViewState>) => void] {
  const [state, setState] = useState(() => readViewState(location.hash));
  useEffect(() => {
    const follow = (): void => setState(readViewState(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const change = useCallback((part: Partial<ViewState>): void => {
    const changed = { ...readViewState(location.hash), ...part };
    history.replaceState(null, "", writeViewState(changed));
    setState(changed);
  }, []);
  return [state, change];
}

export interface AppProps {
  readonly connections: Connections;
  readonly wire: WireLog;
  readonly boards: SimulatedBoards;
  readonly control: ControlClient;
}

export function App({ connections, wire, boards, control }: AppProps) {
  // All views render together, so that no part of the page still shows the previous connection.
  useChanges(connections);
  const [state, change] = useViewState();
  const writePlots = useCallback((plots: string) => change({ plots }), [change]);
  const plots = usePlotChoice(state.plots, writePlots);
  const feed = useWireFeed(wire, control);
  const fleetFeed = useFleetFeed(boards, control);
  return (
    <>
      <HeaderBar state={state} connection={connections.shown} />
      {state.view === "messages" && (
        <MessagesView
          connections={connections}
          control={control}
          plots={plots}
          state={state}
          change={change}
        />
      )}
      {state.view === "devices" && <DevicesView control={control} />}
      {state.view === "wire" && (
        <WireView log={wire} control={control} feed={feed} boards={boards} state={state} change={change} />
      )}
      {state.view === "simulated" && <SimulatedView boards={boards} control={control} state={fleetFeed} />}
      {state.view === "board" && <BoardView control={control} />}
    </>
  );
}
