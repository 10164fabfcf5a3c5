import { useState } from "preact/hooks";
import {
  type ConnectionSettings,
  KEEP_ALIVE_SECONDS,
  ownHubUrl,
  problemOfSettings,
  unusedClientId,
} from "../connection/connection-settings.ts";
import { connectionStatusText } from "../connection/connection-status-text.ts";
import { CONNECTIONS_MAX, type Connections } from "../connection/connections.ts";
import type { HubConnection } from "../connection/hub-connection.ts";
import { RemoveButton } from "../controls/remove-button.tsx";

/** The list of the page's connections, and a form for a new one, as another client or to another hub. */
export function ConnectionPanel({ connections }: { connections: Connections }) {
  const [isOpen, setOpen] = useState(false);
  const { all, shown } = connections;
  return (
    <section class="panel" aria-labelledby="connections-title">
      <div class="panel-head">
        <h2 id="connections-title">Connections</h2>
        <button
          type="button"
          class="button"
          aria-expanded={isOpen}
          disabled={!isOpen && all.length >= CONNECTIONS_MAX}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Cancel" : "New connection"}
        </button>
      </div>
      <ul class="connections">
        {all.map((connection, index) => (
          <ConnectionRow
            key={connection.number}
            connection={connection}
            isShown={connection === shown}
            show={() => connections.show(connection)}
            remove={index === 0 ? undefined : () => connections.remove(connection)}
          />
        ))}
      </ul>
      {isOpen && (
        <ConnectionForm
          connect={(settings) => {
            connections.add(settings).open();
            setOpen(false);
          }}
        />
      )}
    </section>
  );
}

interface ConnectionRowProps {
  readonly connection: HubConnection;
  readonly isShown: boolean;
  readonly show: () => void;
  /** Undefined if the connection cannot be removed. */
  readonly remove: (() => void) | undefined;
}

function ConnectionRow({ connection, isShown, show, remove }: ConnectionRowProps) {
  const { settings, model } = connection;
  const { link } = model;
  return (
    <li class={isShown ? "connection connection-shown" : "connection"}>
      <button type="button" class="connection-choice" aria-pressed={isShown} onClick={show}>
        <span class={`dot dot-${link.state}`} aria-hidden="true" />
        <span class="connection-name">{settings.name}</span>
        <span class="quiet connection-state">
          {connectionStatusText(link)} · {settings.clientId || "no client identifier"}
        </span>
      </button>
      {(link.state === "refused" || link.state === "closed") && (
        <button type="button" class="button" onClick={() => connection.open()}>
          Connect
        </button>
      )}
      {remove && <RemoveButton label={`Close the connection ${settings.name}`} remove={remove} />}
    </li>
  );
}

interface Draft {
  readonly name: string;
  readonly url: string;
  readonly clientId: string;
  readonly userName: string;
  readonly password: string;
  readonly cleanSession: boolean;
  readonly keepAlive: string;
}

function ConnectionForm({ connect }: { connect: (settings: ConnectionSettings) => void }) {
  const [draft, setDraft] = useState<Draft>(() => ({
    name: "",
    url: ownHubUrl(),
    clientId: unusedClientId(),
    userName: "",
    password: "",
    cleanSession: true,
    keepAlive: String(KEEP_ALIVE_SECONDS),
  }));
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const text = (key: "name" | "url" | "clientId" | "userName" | "password" | "keepAlive") => ({
    value: draft[key],
    onInput: (event: { currentTarget: HTMLInputElement }) =>
      setDraft((current) => ({ ...current, [key]: event.currentTarget.value })),
  });
  const submit = (): void => {
    const settings = settingsOf(draft);
    const found = problemOfSettings(settings);
    setProblem(found);
    if (found === undefined) connect(settings);
  };
  return (
    <form
      class="publish"
      aria-label="New connection"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label class="field">
        <span class="field-label">Hub address (MQTT over WebSocket)</span>
        <input type="text" name="url" spellcheck={false} autocomplete="off" {...text("url")} />
      </label>
      <label class="field">
        <span class="field-label">Client identifier (for Scaleway IoT Hub, the device ID)</span>
        <input type="text" name="client-id" spellcheck={false} autocomplete="off" {...text("clientId")} />
      </label>
      <div class="field-pair">
        <label class="field">
          <span class="field-label">User name</span>
          <input type="text" name="user-name" spellcheck={false} autocomplete="off" {...text("userName")} />
        </label>
        <label class="field">
          <span class="field-label">Password</span>
          <input type="password" name="password" autocomplete="off" {...text("password")} />
        </label>
      </div>
      <div class="field-pair">
        <label class="field">
          <span class="field-label">Connection name</span>
          <input type="text" name="name" autocomplete="off" {...text("name")} />
        </label>
        <label class="field">
          <span class="field-label">Keep alive (seconds)</span>
          <input
            type="text"
            name="keep-alive"
            inputMode="numeric"
            autocomplete="off"
            {...text("keepAlive")}
          />
        </label>
      </div>
      <label class="check">
        <input
          type="checkbox"
          name="clean-session"
          checked={draft.cleanSession}
          onChange={(event) => {
            const cleanSession = event.currentTarget.checked;
            setDraft((current) => ({ ...current, cleanSession }));
          }}
        />
        <span>Clean session</span>
      </label>
      <p class="quiet">
        To connect to another hub, start this hub with its address: <code>motekit hub --page-hub URL</code>
      </p>
      <div class="publish-end">
        <button type="submit" class="button primary">
          Connect
        </button>
        <p class="outcome alarm" role="status">
          {problem}
        </p>
      </div>
    </form>
  );
}

function settingsOf(draft: Draft): ConnectionSettings {
  const { name, url, clientId, userName, password, cleanSession, keepAlive } = draft;
  return {
    name: name || clientId || url,
    url,
    clientId,
    ...(userName !== "" && { userName }),
    ...(password !== "" && { password }),
    cleanSession,
    keepAliveSeconds: keepAlive.trim() === "" ? Number.NaN : Number(keepAlive),
  };
}
