import { useEffect, useState } from "preact/hooks";
import { shownView, type View } from "./address.ts";
import { BoardView } from "./board/board-view.tsx";
import type { ControlClient } from "./control-client.ts";
import { DeviceList } from "./devices/device-list.tsx";
import { DevicesView } from "./devices/devices-view.tsx";
import { HeaderBar } from "./header-bar.tsx";
import type { HubConnection } from "./hub-connection.ts";
import { MessagePanel } from "./messages/message-panel.tsx";
import { PublishForm } from "./messages/publish-form.tsx";
import type { HubModel } from "./model/hub-model.ts";
import type { PlotChoice } from "./plots/plot-choice.ts";
import { PlotPanel } from "./plots/plot-panel.tsx";
import { SimulatedView } from "./simulated/simulated-view.tsx";
import { useMetrics } from "./use-metrics.ts";
import { useModelChanges } from "./use-model.ts";

const PLOTS_MAX = 8;

function usePlotChoice(): PlotChoice {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  return {
    chosen,
    toggle: (id) =>
      setChosen((now) =>
        now.includes(id) ? now.filter((other) => other !== id) : [...now, id].slice(-PLOTS_MAX),
      ),
  };
}

function useShownView(): View {
  const [view, setView] = useState(shownView);
  useEffect(() => {
    const follow = (): void => setView(shownView());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return view;
}

export interface AppProps {
  readonly model: HubModel;
  readonly connection: HubConnection;
  readonly control: ControlClient;
}

export function App({ model, connection, control }: AppProps) {
  useModelChanges(model);
  const view = useShownView();
  return (
    <>
      <HeaderBar view={view} link={model.link} url={connection.url} messages={model.log.total} />
      {view === "messages" && <MessagesView model={model} connection={connection} control={control} />}
      {view === "devices" && <DevicesView control={control} />}
      {view === "simulated" && <SimulatedView control={control} />}
      {view === "board" && <BoardView control={control} />}
    </>
  );
}

function MessagesView({ model, connection, control }: AppProps) {
  const metrics = useMetrics(control);
  const plots = usePlotChoice();
  const connected = model.link === "connected";
  const publish = connection.publish.bind(connection);
  return (
    <main class="columns">
      <div class="side">
        <DeviceList
          devices={model.devices.sorted()}
          connected={connected}
          publish={publish}
          plots={plots}
          metrics={metrics}
        />
        <PublishForm connected={connected} publish={publish} />
      </div>
      <div class="wide">
        <PlotPanel series={model.series} plots={plots} />
        <MessagePanel model={model} plots={plots} />
      </div>
    </main>
  );
}
