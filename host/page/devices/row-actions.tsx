import { useState } from "preact/hooks";
import type { DeviceRecord } from "../../control/hub-devices.ts";
import type { OpenDialog } from "./device-dialogs.tsx";
import type { DeviceRow } from "./device-rows.ts";
import { ProblemText } from "./problem-text.tsx";

/** The actions of a row. */
export interface RowHandlers {
  readonly onOpen: (dialog: OpenDialog) => void;
  /** Undefined if the hub does not store devices. Rejects with the hub's error. */
  readonly setEnabled: ((device: DeviceRecord, isEnabled: boolean) => Promise<void>) | undefined;
  /** Gets the outcome of an action as a text for the user. */
  readonly onOutcome: (text: string) => void;
}

const DEVICE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function RowActions({ row, handlers }: { row: DeviceRow; handlers: RowHandlers }) {
  if (row.device) return <DeviceActions device={row.device} handlers={handlers} />;
  // A device's ID must be a UUID.
  if (!handlers.setEnabled || !DEVICE_ID.test(row.id)) return null;
  return (
    <div class="row-actions">
      <button
        type="button"
        class="button small"
        onClick={() => handlers.onOpen({ kind: "add", id: row.id.toLowerCase() })}
      >
        Add as device<span class="hidden"> {row.id}</span>
      </button>
    </div>
  );
}

function DeviceActions({ device, handlers }: { device: DeviceRecord; handlers: RowHandlers }) {
  const [problem, setProblem] = useState<Error>();
  const { isEnabled, name } = device;
  const toggle = async (): Promise<void> => {
    setProblem(undefined);
    try {
      await handlers.setEnabled?.(device, !isEnabled);
    } catch (error) {
      setProblem(error as Error);
    }
  };
  return (
    <>
      <div class="row-actions">
        <a class="button small button-link" href={`#view=messages&as=${encodeURIComponent(device.id)}`}>
          Messages<span class="hidden"> as {name}</span>
        </a>
        {(["change", "renew", "remove"] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            class="button small"
            onClick={() => handlers.onOpen({ kind, device })}
          >
            {DIALOG_LABELS[kind]}
            <span class="hidden"> {name}</span>
          </button>
        ))}
        <button type="button" class="button small" onClick={() => void toggle()}>
          {isEnabled ? "Disable" : "Enable"}
          <span class="hidden"> {name}</span>
        </button>
      </div>
      <ProblemText error={problem} />
    </>
  );
}

const DIALOG_LABELS = { change: "Permissions", renew: "Renew", remove: "Remove" } as const;
