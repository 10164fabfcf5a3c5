import { useState } from "preact/hooks";
import { DeviceList } from "./components/device-list.tsx";
import { HeaderBar } from "./components/header-bar.tsx";
import { MessagePanel } from "./components/message-panel.tsx";
import { PlotPanel } from "./components/plot-panel.tsx";
import { PublishForm } from "./components/publish-form.tsx";
import type { HubConnection } from "./hub-connection.ts";
import type { HubModel } from "./model/hub-model.ts";
import type { PlotChoice } from "./model/plot-choice.ts";
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

export function App(props: { model: HubModel; connection: HubConnection }) {
  const { model, connection } = props;
  useModelChanges(model);
  const plots = usePlotChoice();
  const connected = model.link === "connected";
  const publish = connection.publish.bind(connection);
  return (
    <>
      <HeaderBar link={model.link} url={connection.url} messages={model.log.total} />
      <main class="columns">
        <div class="side">
          <DeviceList
            devices={model.devices.sorted()}
            connected={connected}
            publish={publish}
            plots={plots}
          />
          <PublishForm connected={connected} publish={publish} />
        </div>
        <div class="wide">
          <PlotPanel series={model.series} plots={plots} />
          <MessagePanel model={model} plots={plots} />
        </div>
      </main>
    </>
  );
}
