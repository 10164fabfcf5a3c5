import { connectionStatusText } from "./connection/connection-status-text.ts";
import type { HubConnection } from "./connection/hub-connection.ts";
import { useModelChanges, useNow } from "./controls/use-model.ts";
import { VIEWS, type View, type ViewState, writeViewState } from "./model/view-state.ts";

const VIEW_LABELS: Record<View, string> = {
  messages: "Messages",
  devices: "Devices",
  wire: "Wire",
  simulated: "Simulator",
  board: "Board",
};

export function HeaderBar({ state, connection }: { state: ViewState; connection: HubConnection }) {
  const { model, settings } = connection;
  useModelChanges(model);
  const { link, log } = model;
  return (
    <header class="bar">
      <img class="bar-icon" src="/icon.svg" alt="" width="28" height="28" />
      <h1 class="bar-title">
        motekit <span class="bar-what">hub</span>
      </h1>
      <nav class="views" aria-label="Views">
        {VIEWS.map((view) => (
          <a
            key={view}
            class="view-link"
            href={writeViewState({ ...state, view })}
            {...(state.view === view && { "aria-current": "page" as const })}
          >
            {VIEW_LABELS[view]}
          </a>
        ))}
      </nav>
      <p class="bar-count">
        <span class="number">{log.total}</span> {log.total === 1 ? "message" : "messages"}
      </p>
      <p class={`link link-${link.state}`} role="status">
        <span class="dot" aria-hidden="true" />
        {link.state === "waiting" ? (
          <Countdown connection={connection} />
        ) : (
          <span>{connectionStatusText(link)}</span>
        )}
        <code class="link-url">{settings.url}</code>
      </p>
    </header>
  );
}

function Countdown({ connection }: { connection: HubConnection }) {
  const nowMs = useNow();
  return (
    <>
      <span>{connectionStatusText(connection.model.link, nowMs)}</span>
      <button type="button" class="button" onClick={() => connection.open()}>
        Retry now
      </button>
    </>
  );
}
