/** What a person does with a device in a dialog: add, change, renew and remove it, and take its secrets. */
import { useState } from "preact/hooks";
import type { DeviceRecord, DeviceRenewal, IssuedDevice } from "../../control/hub-devices.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { blankDraft, changeOf, type DeviceDraft, draftOf, newDeviceOf } from "./device-draft.ts";
import { IdentityFields, SettingFields } from "./device-fields.tsx";
import { FormDialog } from "./form-dialog.tsx";
import { SecretsDialog } from "./secrets-dialog.tsx";

export type OpenDialog =
  /** `id`: as which a client tried to connect; else empty. */
  | { readonly kind: "add"; readonly id: string }
  | { readonly kind: "change" | "renew" | "remove"; readonly device: DeviceRecord }
  | { readonly kind: "secrets"; readonly issued: IssuedDevice };

export interface DialogsProps {
  readonly open: OpenDialog;
  readonly control: ControlClient;
  /** The hub did it: how to say so, and the secrets that came of it. */
  readonly onDone: (outcome: string, issued?: IssuedDevice) => Promise<void>;
  readonly onClose: () => void;
}

export function DeviceDialogs({ open, ...rest }: DialogsProps) {
  switch (open.kind) {
    case "add":
      return <AddDialog id={open.id} {...rest} />;
    case "change":
      return <ChangeDialog device={open.device} {...rest} />;
    case "renew":
      return <RenewDialog device={open.device} {...rest} />;
    case "remove":
      return <RemoveDialog device={open.device} {...rest} />;
    case "secrets":
      return <SecretsDialog issued={open.issued} onClose={rest.onClose} />;
  }
}

type SharedProps = Omit<DialogsProps, "open">;

interface DeviceProps extends SharedProps {
  readonly device: DeviceRecord;
}

function useDraft(first: () => DeviceDraft) {
  const [draft, setDraft] = useState(first);
  const change = (part: Partial<DeviceDraft>): void => setDraft((now) => ({ ...now, ...part }));
  return { draft, change };
}

function AddDialog({ id, control, onDone, onClose }: SharedProps & { readonly id: string }) {
  const fields = useDraft(() => blankDraft(id));
  const add = async (): Promise<void> => {
    const issued = await control.addDevice(newDeviceOf(fields.draft));
    await onDone(`${issued.device.name} was added`, issued);
  };
  return (
    <FormDialog title="Add a device" action="Add" onSubmit={add} onClose={onClose}>
      <IdentityFields {...fields} />
      <details class="more-settings">
        <summary>What it may</summary>
        <div class="modal-form">
          <SettingFields {...fields} />
        </div>
      </details>
    </FormDialog>
  );
}

function ChangeDialog({ device, control, onDone, onClose }: DeviceProps) {
  const fields = useDraft(() => draftOf(device));
  const change = async (): Promise<void> => {
    const { name } = await control.changeDevice(changeOf(device, fields.draft));
    await onDone(`${name} was changed`);
  };
  return (
    <FormDialog title={`What ${device.name} may`} action="Save" onSubmit={change} onClose={onClose}>
      <SettingFields {...fields} />
    </FormDialog>
  );
}

const RENEWALS: readonly (readonly [
  words: string,
  wanted: Omit<DeviceRenewal, "device">,
  isOffered: (device: DeviceRecord) => boolean,
])[] = [
  ["A new password", { password: true }, () => true],
  ["A new certificate of the hub's CA", { certificate: true }, () => true],
  ["No password: its ID is enough", { password: false }, ({ hasPassword }) => hasPassword],
];

function RenewDialog({ device, control, onDone, onClose }: DeviceProps) {
  const offered = RENEWALS.filter(([, , isOffered]) => isOffered(device));
  const [chosen, setChosen] = useState(device.certificate !== undefined && !device.hasPassword ? 1 : 0);
  const renew = async (): Promise<void> => {
    const issued = await control.renewDevice({ device: device.id, ...offered[chosen]?.[1] });
    await onDone(`${device.name} was renewed`, issued);
  };
  return (
    <FormDialog title={`Renew ${device.name}`} action="Renew" onSubmit={renew} onClose={onClose}>
      <fieldset class="choices">
        <legend class="field-label">It gets</legend>
        {offered.map(([words], index) => (
          <label key={words} class="check">
            <input type="radio" name="renewal" checked={chosen === index} onChange={() => setChosen(index)} />
            <span>{words}</span>
          </label>
        ))}
      </fieldset>
      <p class="quiet">
        Its connections end at once. What it had before lets it in no more, so it needs to be told the new
        one.
      </p>
      {device.certificate !== undefined && (
        <p class="quiet">
          Its certificate now: <code class="fingerprint">{device.certificate}</code>
        </p>
      )}
    </FormDialog>
  );
}

function RemoveDialog({ device, control, onDone, onClose }: DeviceProps) {
  const remove = async (): Promise<void> => {
    await control.removeDevice({ device: device.id });
    await onDone(`${device.name} was removed`);
  };
  return (
    <FormDialog title={`Remove ${device.name}?`} action="Remove" isGrave onSubmit={remove} onClose={onClose}>
      <p>
        The hub forgets its ID <code class="fingerprint">{device.id}</code>, its credentials and its message
        filters, ends its connections, and drops its session with its subscriptions and the messages that wait
        for it. This cannot be taken back.
      </p>
      <p class="quiet">To keep it away for a while, disable it.</p>
    </FormDialog>
  );
}
