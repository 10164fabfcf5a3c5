import { useEffect, useRef } from "preact/hooks";
import type { Connections } from "../connection/connections.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { useMetrics } from "../controls/use-metrics.ts";
import { useModelChanges } from "../controls/use-model.ts";
import { DeviceList } from "../devices/device-list.tsx";
import type { PlotChoice } from "../model/series/plot-choice.ts";
import type { ViewState } from "../model/view-state.ts";
import { PlotPanel } from "../plots/plot-panel.tsx";
import { ConnectionPanel } from "./connection-panel.tsx";
import { MessagePanel } from "./message-panel.tsx";
import { PublishForm } from "./publish-form.tsx";
import { SubscriptionPanel } from "./subscription-panel.tsx";
import { TopicPanel } from "./topic-panel.tsx";

export interface MessagesViewProps {
  readonly connections: Connections;
  readonly control: ControlClient;
  readonly plots: PlotChoice;
  readonly state: ViewState;
  /** Changes the page's address, so that a link restores the state. */
  readonly change: (part: Partial<ViewState>) => void;
}

/** The messages of a connection, its devices and subscriptions, and a form to publish. */
export function MessagesView({ connections, control, plots, state, change }: MessagesViewProps) {
  const { shown } = connections;
  const { model } = shown;
  useModelChanges(model);
  useSubscriptionsInAddress(connections, change);
  const metrics = useMetrics(control);
  const connected = model.link.state === "connected";
  const publish = shown.publish.bind(shown);
  const selectTopic = (topic: string | undefined): void => change({ topic });
  return (
    <main class="columns">
      <div class="side">
        <ConnectionPanel connections={connections} />
        <DeviceList
          key={shown.number}
          devices={model.devices.sorted()}
          connected={connected}
          publish={publish}
          plots={plots}
          metrics={metrics}
        />
        <SubscriptionPanel connection={shown} />
        <PublishForm connected={connected} publish={publish} topic={state.topic} />
      </div>
      <div class="wide">
        <PlotPanel series={model.series} plots={plots} />
        <div class="streams">
          <TopicPanel model={model} chosen={state.topic} choose={selectTopic} publish={publish} />
          <MessagePanel
            key={shown.number}
            model={model}
            plots={plots}
            filter={state.filter}
            setFilter={(filter) => change({ filter })}
            topic={state.topic}
            showAllTopics={() => selectTopic(undefined)}
          />
        </div>
      </div>
    </main>
  );
}

/** Writes the subscriptions of the page's first connection into the address. */
function useSubscriptionsInAddress(connections: Connections, change: MessagesViewProps["change"]): void {
  const subscriptions = connections.all[0]?.model.subscriptions.all ?? [];
  const text = JSON.stringify(subscriptions.map(({ topicFilter, qos }) => [topicFilter, qos]));
  const written = useRef(text);
  useEffect(() => {
    if (written.current === text) return;
    written.current = text;
    change({ subscriptions: subscriptions.map(({ topicFilter, qos }) => ({ topicFilter, qos })) });
  }, [text, subscriptions, change]);
}
