import { useState } from "preact/hooks";
import type { BoardController } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";

interface FieldOf {
  readonly key: string;
  readonly label: string;
  readonly isSecret?: true;
  readonly placeholder?: string;
}

const FIELDS: readonly FieldOf[] = [
  { key: "WIFI_PASSWORD", label: "Wi-Fi password", isSecret: true },
  { key: "HUB_URL", label: "Hub", placeholder: "mqtt://192.168.1.5:1883" },
  { key: "HUB_USERNAME", label: "User name at the hub" },
  { key: "HUB_PASSWORD", label: "Password at the hub", isSecret: true },
  { key: "DEVICE_ID", label: "Device ID", placeholder: "from its serial number" },
  { key: "DEVICE_NAME", label: "Name" },
];
const NETWORK_LIST = "networks";

export function ConfigurePanel({ desk }: { desk: BoardController }) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [waits, setWaits] = useState(true);
  const { jobs } = desk;
  const isOff = desk.link.state !== "open" || jobs.running !== undefined;
  const textOf = (key: string): string => typed[key] ?? desk.proposed[key] ?? "";
  const change = (key: string, text: string): void => setTyped((now) => ({ ...now, [key]: text }));
  const save = async (): Promise<void> => {
    const values = { ...desk.proposed, ...typed };
    await desk.configure(values, waits);
    if (jobs.outcomeOf("configure")?.failed === false) {
      setTyped((now) => ({ ...now, WIFI_PASSWORD: "", HUB_PASSWORD: "" }));
    }
  };
  return (
    <section class="panel" aria-labelledby="configure-title">
      <div class="panel-head">
        <h2 id="configure-title">Configure</h2>
        <div class="tools">
          <button type="button" class="button small" disabled={isOff} onClick={() => void desk.scan()}>
            Scan
          </button>
          <button type="button" class="button small" disabled={isOff} onClick={() => void desk.show()}>
            Show
          </button>
        </div>
      </div>
      <form
        class="publish"
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label class="field">
          <span class="field-label">Wi-Fi network</span>
          <input
            type="text"
            name="WIFI_SSID"
            list={NETWORK_LIST}
            spellcheck={false}
            autocomplete="off"
            value={textOf("WIFI_SSID")}
            onInput={(event) => change("WIFI_SSID", event.currentTarget.value)}
          />
        </label>
        <datalist id={NETWORK_LIST}>
          {desk.networks.map((ssid) => (
            <option key={ssid} value={ssid} />
          ))}
        </datalist>
        {FIELDS.map((field) => (
          <Field
            key={field.key}
            field={field}
            text={textOf(field.key)}
            change={(text) => change(field.key, text)}
          />
        ))}
        <label class="check">
          <input
            type="checkbox"
            checked={waits}
            onChange={(event) => setWaits(event.currentTarget.checked)}
          />
          <span>Wait until it is on its hub</span>
        </label>
        <div class="board-actions">
          <button type="submit" class="button primary" disabled={isOff}>
            Configure
          </button>
        </div>
        <JobStatus jobs={jobs} kind="scan" />
        <JobStatus jobs={jobs} kind="show" />
        <JobStatus jobs={jobs} kind="configure" />
      </form>
    </section>
  );
}

function Field(props: { field: FieldOf; text: string; change: (text: string) => void }) {
  const { key, label, isSecret, placeholder = "" } = props.field;
  const shared = {
    name: key,
    spellcheck: false,
    placeholder,
    value: props.text,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => props.change(event.currentTarget.value),
  };
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: it holds one of the two.
    <label class="field">
      <span class="field-label">{label}</span>
      {isSecret ? (
        <input type="password" autocomplete="new-password" {...shared} />
      ) : (
        <input type="text" autocomplete="off" {...shared} />
      )}
    </label>
  );
}
