import { useState } from "preact/hooks";
import type { BoardController } from "./board-controller.ts";
import { JobStatus } from "./job-status.tsx";

interface FieldSpec {
  readonly key: string;
  readonly label: string;
  readonly isSecret?: true;
  readonly placeholder?: string;
}

const FIELDS: readonly FieldSpec[] = [
  { key: "WIFI_PASSWORD", label: "Wi-Fi password", isSecret: true },
  { key: "HUB_URL", label: "Hub address", placeholder: "mqtt://192.168.1.5:1883" },
  { key: "HUB_USERNAME", label: "Hub user name" },
  { key: "HUB_PASSWORD", label: "Hub password", isSecret: true },
  { key: "DEVICE_ID", label: "Device ID", placeholder: "made from the serial number" },
  { key: "DEVICE_NAME", label: "Device name" },
];
const NETWORK_LIST = "networks";

export function ConfigurePanel({ controller }: { controller: BoardController }) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [waits, setWaits] = useState(true);
  const { jobs } = controller;
  const isOff = controller.link.state !== "open" || jobs.running !== undefined;
  const textOf = (key: string): string => typed[key] ?? controller.proposed[key] ?? "";
  const change = (key: string, text: string): void => setTyped((now) => ({ ...now, [key]: text }));
  const save = async (): Promise<void> => {
    const values = { ...controller.proposed, ...typed };
    await controller.configure(values, waits);
    if (jobs.outcomeOf("configure")?.failed === false) {
      setTyped((now) => ({ ...now, WIFI_PASSWORD: "", HUB_PASSWORD: "" }));
    }
  };
  return (
    <section class="panel" aria-labelledby="configure-title">
      <div class="panel-head">
        <h2 id="configure-title">Configure</h2>
        <div class="tools">
          <button type="button" class="button small" disabled={isOff} onClick={() => void controller.scan()}>
            Scan Wi-Fi
          </button>
          <button type="button" class="button small" disabled={isOff} onClick={() => void controller.show()}>
            Show current
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
          {controller.networks.map((ssid) => (
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
          <span>Wait until the device is connected to its hub</span>
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

function Field(props: { field: FieldSpec; text: string; change: (text: string) => void }) {
  const { key, label, isSecret, placeholder = "" } = props.field;
  const shared = {
    name: key,
    spellcheck: false,
    placeholder,
    value: props.text,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => props.change(event.currentTarget.value),
  };
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the label contains one of the two inputs.
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
