/** The dialogs of the Devices view: add, change, renew and remove a device, and show its secrets. */
import { useState } from "preact/hooks";
import type { DeviceRecord, DeviceRenewal, IssuedDevice } from "../../control/hub-devices.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { blankDraft, changeOf, type DeviceDraft, draftOf, newDeviceOf } from "./device-draft.ts";
import { IdentityFields, SettingFields } from "./device-fields.tsx";
import { FormDialog } from "./form-dialog.tsx";
import { SecretsDialog } from "./secrets-dialog.tsx";

export type OpenDialog =
  /** `id` is the ID with which a client tried to connect, or empty. */
  | { readonly kind: "add"; readonly id: string }
  | { readonly kind: "change" | "renew" | "remove"; readonly device: DeviceRecord }
  | { readonly kind: "secrets"; readonly issued: IssuedDevice };

export interface DialogsProps {
  readonly open: OpenDialog;
  readonly control: ControlClient;
  /** Called when the hub has done it, with a text for the user and the new secrets. */
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
  const change = (part: Partial<DeviceDraft>): void => setDraft((current) => ({ ...current, ...part }));
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
        <summary>Permissions</summary>
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
    <FormDialog title={`Permissions of ${device.name}`} action="Save" onSubmit={change} onClose={onClose}>
      <SettingFields {...fields} />
    </FormDialog>
  );
}

const RENEWALS: readonly (readonly [
  label: string,
  wanted: Omit<DeviceRenewal, "device">,
  isOffered: (device: DeviceRecord) => boolean,
])[] = [
  ["Generate a new password", { password: true }, () => true],
  ["Issue a new certificate", { certificate: true }, () => true],
  ["Require no password (the ID is enough)", { password: false }, ({ hasPassword }) => hasPassword],
];

function RenewDialog({ device, control, onDone, onClose }: DeviceProps) {
  const offered = RENEWALS.filter(([, , isOffered]) => isOffered(device));
  const [chosen, setChosen] = useState(device.certificate !== undefined && !device.hasPassword ? 1 : 0);
  const renew = async (): Promise<void> => {
    const issued = await control.renewDevice({ device: device.id, ...offered[chosen]?.[1] });
    await onDone(`${device.name} was renewed`, issued);
  };
  return (
    <FormDialog
      title={`Renew the credentials of ${device.name}`}
      action="Renew"
      onSubmit={renew}
      onClose={onClose}
    >
      <fieldset class="choices">
        <legend class="field-label">New credentials</legend>
        {offered.map(([label], index) => (
          <label key={label} class="check">
            <input type="radio" name="renewal" checked={chosen === index} onChange={() => setChosen(index)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <p class="quiet">
        The hub ends the device's connections and no longer accepts its previous credentials. Configure the
        device with the new ones.
      </p>
      {device.certificate !== undefined && (
        <p class="quiet">
          Current certificate: <code class="fingerprint">{device.certificate}</code>
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
    <FormDialog
      title={`Remove ${device.name}?`}
      action="Remove"
      isDangerous
      onSubmit={remove}
      onClose={onClose}
    >
      <p>
        The hub deletes the ID <code class="fingerprint">{device.id}</code>, the credentials and the message
        filters of this device, ends its connections, and deletes its session with its subscriptions and
        queued messages. You cannot undo this.
      </p>
      <p class="quiet">To block the device temporarily, disable it instead.</p>
    </FormDialog>
  );
}
