import { useState } from "preact/hooks";
import type { DeviceRecord } from "../../control/hub-devices.ts";
import type { OpenDialog } from "./device-dialogs.tsx";
import type { DeviceRow } from "./device-rows.ts";
import { ProblemText } from "./problem-text.tsx";

/** What can be done from a line. */
export interface RowHandlers {
  readonly onOpen: (dialog: OpenDialog) => void;
  /** Undefined where the hub keeps no devices. Rejects with what the hub says against it. */
  readonly setEnabled: ((device: DeviceRecord, isEnabled: boolean) => Promise<void>) | undefined;
  /** How something went, in words. */
  readonly onOutcome: (words: string) => void;
}

const DEVICE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function RowActions({ row, deeds }: { row: DeviceRow; deeds: RowHandlers }) {
  if (row.device) return <DeviceActions device={row.device} deeds={deeds} />;
  // What is no UUID can be no device's ID.
  if (!deeds.setEnabled || !DEVICE_ID.test(row.id)) return null;
  return (
    <div class="row-actions">
      <button
        type="button"
        class="button small"
        onClick={() => deeds.onOpen({ kind: "add", id: row.id.toLowerCase() })}
      >
        Add as a device<span class="hidden"> {row.id}</span>
      </button>
    </div>
  );
}

function DeviceActions({ device, deeds }: { device: DeviceRecord; deeds: RowHandlers }) {
  const [problem, setProblem] = useState<Error>();
  const { isEnabled, name } = device;
  const toggle = async (): Promise<void> => {
    setProblem(undefined);
    try {
      await deeds.setEnabled?.(device, !isEnabled);
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
            onClick={() => deeds.onOpen({ kind, device })}
          >
            {DIALOG_WORDS[kind]}
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

const DIALOG_WORDS = { change: "Change", renew: "Renew", remove: "Remove" } as const;
