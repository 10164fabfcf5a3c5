import { useState } from "preact/hooks";
import {
  FAULT_PARAMETER_NAMES,
  type FaultParameter,
  PACKET_FAULT_ACTIONS,
  type PacketFaultAction,
  packetFaultKind,
  parameterKind,
} from "../../broker/packet-fault.ts";
import type { Fault, FaultRequest } from "../../control/wire-events.ts";
import { PACKET_TYPES, type PacketType, RETURN_CODE_WORDS } from "../../mqtt/packet-types.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { RemoveButton } from "../controls/remove-button.tsx";
import { faultText } from "./fault-text.ts";

/** Labels of the values of a parameter. Parameters without labels are number fields. */
const VALUE_LABELS: { readonly [Name in FaultParameter]?: readonly string[] } = {
  returnCode: RETURN_CODE_WORDS,
};

interface Draft {
  readonly action: PacketFaultAction;
  readonly direction: FaultRequest["direction"];
  readonly packet: PacketType | "";
  readonly clientId: string;
  readonly topicFilter: string;
  readonly parameters: Readonly<Record<FaultParameter, string>>;
  readonly times: "next" | "always";
}

const FIRST_DRAFT: Draft = {
  action: "drop",
  direction: "in",
  packet: "publish",
  clientId: "",
  topicFilter: "",
  parameters: Object.fromEntries(
    FAULT_PARAMETER_NAMES.map((name) => [name, String(parameterKind(name).initial)]),
  ) as Draft["parameters"],
  times: "next",
};

/** The parameters of the fault that apply to the selected packet type. */
function parametersOf({ action, packet }: Draft): readonly FaultParameter[] {
  const { parameters } = packetFaultKind(action);
  return FAULT_PARAMETER_NAMES.filter((name) => {
    const { onlyFor = packet } = parameterKind(name);
    return parameters[name] !== undefined && onlyFor === packet;
  });
}

export interface FaultPanelProps {
  readonly control: ControlClient;
  readonly faults: readonly Fault[];
  readonly clients: readonly string[];
}

/** The list of injected faults, and a form for a new one. */
export function FaultPanel({ control, faults, clients }: FaultPanelProps) {
  const [draft, setDraft] = useState<Draft>(FIRST_DRAFT);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const run = (request: Promise<unknown>): void => {
    setProblem(undefined);
    request.catch((error: Error) => setProblem(error.message));
  };
  if (!control.hasToken) return null;
  return (
    <section class="panel fault-panel" aria-labelledby="faults-title">
      <div class="panel-head">
        <h2 id="faults-title">Faults</h2>
        <button
          type="button"
          class="button"
          disabled={faults.some(isSilence)}
          onClick={() => run(control.addFault({ action: "drop", direction: "both" }))}
        >
          Drop all packets
        </button>
      </div>
      {faults.length === 0 && <p class="empty">No faults. Faults do not affect this page's connections.</p>}
      <ul class="subscriptions">
        {faults.map((fault) => (
          <li key={fault.id} class="subscription">
            <span class="fault-text">{faultText(fault)}</span>
            <span class="quiet">applied {fault.appliedCount} ×</span>
            <RemoveButton
              label={`Remove fault: ${faultText(fault)}`}
              remove={() => run(control.removeFault({ id: fault.id }))}
            />
          </li>
        ))}
      </ul>
      <form
        class="publish"
        aria-label="New fault"
        onSubmit={(event) => {
          event.preventDefault();
          run(control.addFault(requestOf(draft)));
        }}
      >
        <FaultFields draft={draft} change={(part) => setDraft({ ...draft, ...part })} clients={clients} />
        <div class="publish-end">
          <button type="submit" class="button primary">
            Add fault
          </button>
          <button
            type="button"
            class="button"
            disabled={draft.clientId === ""}
            onClick={() => run(control.cutConnection({ clientId: draft.clientId }))}
          >
            Disconnect client
          </button>
          <p class="outcome alarm" role="status">
            {problem}
          </p>
        </div>
      </form>
    </section>
  );
}

function isSilence({ action, direction, packet, clientId }: Fault): boolean {
  return action === "drop" && direction === "both" && packet === undefined && clientId === undefined;
}

function requestOf(draft: Draft): FaultRequest {
  const { action, direction, packet, clientId, topicFilter, parameters, times } = draft;
  return {
    action,
    direction,
    ...(packet !== "" && { packet }),
    ...(clientId !== "" && { clientId }),
    ...(topicFilter !== "" && { topicFilter }),
    ...Object.fromEntries(parametersOf(draft).map((name) => [name, Number(parameters[name])])),
    ...(times === "next" && { times: 1 }),
  };
}

interface FaultFieldsProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly clients: readonly string[];
}

function FaultFields({ draft, change, clients }: FaultFieldsProps) {
  return (
    <>
      <div class="field-pair">
        <Choice
          label="Fault"
          value={draft.action}
          choices={PACKET_FAULT_ACTIONS.map((action) => [action, packetFaultKind(action).label])}
          choose={(action) => change({ action })}
        />
        <Choice
          label="Repeat"
          value={draft.times}
          choices={[
            ["next", "once, for the next packet"],
            ["always", "for every packet, until removed"],
          ]}
          choose={(times) => change({ times })}
        />
      </div>
      <div class="field-pair">
        <Choice
          label="Packet type"
          value={draft.packet}
          choices={[["", "any"], ...PACKET_TYPES.map(({ type, name }) => [type, name] as const)]}
          choose={(packet) => change({ packet })}
        />
        <Choice
          label="Direction"
          value={draft.direction}
          choices={[
            ["in", "to the hub"],
            ["out", "from the hub"],
            ["both", "both directions"],
          ]}
          choose={(direction) => change({ direction })}
        />
      </div>
      <div class="field-pair">
        <Choice
          label="Client"
          value={draft.clientId}
          choices={[["", "all except this page"], ...clients.map((client) => [client, client] as const)]}
          choose={(clientId) => change({ clientId })}
        />
        <TextField
          label="Topic filter (empty for any)"
          value={draft.topicFilter}
          change={(topicFilter) => change({ topicFilter })}
        />
      </div>
      {parametersOf(draft).map((name) => (
        <ParameterField
          key={name}
          name={name}
          value={draft.parameters[name]}
          change={(value) => change({ parameters: { ...draft.parameters, [name]: value } })}
        />
      ))}
    </>
  );
}

interface ParameterFieldProps {
  readonly name: FaultParameter;
  readonly value: string;
  readonly change: (value: string) => void;
}

function ParameterField({ name, value, change }: ParameterFieldProps) {
  const { label, least, most } = parameterKind(name);
  const labels = VALUE_LABELS[name];
  if (labels === undefined) return <TextField label={label} value={value} change={change} />;
  const choices = labels.map((each, number) => [String(number), `${number}: ${each}`] as const);
  return <Choice label={label} value={value} choices={choices.slice(least, most + 1)} choose={change} />;
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly (readonly [Value, string])[];
  readonly choose: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, choices, choose }: ChoiceProps<Value>) {
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <select
        class="series-menu"
        value={value}
        onChange={(event) => choose(event.currentTarget.value as Value)}
      >
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function TextField(props: { label: string; value: string; change: (value: string) => void }) {
  return (
    <label class="field">
      <span class="field-label">{props.label}</span>
      <input
        type="text"
        spellcheck={false}
        autocomplete="off"
        value={props.value}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
    </label>
  );
}
