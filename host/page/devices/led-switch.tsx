import { useEffect, useState } from "preact/hooks";
import { DEFAULT_TOPIC_PREFIX, deviceTopic } from "../../../firmware/contract/topics.ts";
import type { Publication } from "../connection/hub-connection.ts";
import type { Acknowledgement, Device } from "../model/known-devices.ts";

const COMMAND = "led";
const ANSWER_MS_MAX = 5_000;

interface Sent {
  readonly wanted: boolean;
  /** The acknowledgement before the command. A different one is the answer. */
  readonly previous: Acknowledgement | undefined;
}

export interface LedSwitchProps {
  readonly device: Device;
  readonly connected: boolean;
  readonly publish: (publication: Publication) => Promise<void>;
}

/** Shows the state that the device confirmed, not the state that was requested. */
export function LedSwitch({ device, connected, publish }: LedSwitchProps) {
  const acknowledgement = device.acknowledgements.get(COMMAND);
  const [sent, setSent] = useState<Sent | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const waiting = sent !== undefined && sent.previous === acknowledgement;
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => {
      setSent(undefined);
      setFailure("No answer from the device");
    }, ANSWER_MS_MAX);
    return () => clearTimeout(timer);
  }, [waiting]);

  const isSure = device.sureAcknowledgements.has(COMMAND);
  const isOffline = device.isStatusSure && device.status === "offline";
  const isOn =
    acknowledgement?.ok === true && typeof acknowledgement.value === "boolean"
      ? acknowledgement.value
      : undefined;
  const send = (): void => {
    const wanted = isOn !== true;
    setFailure(undefined);
    setSent({ wanted, previous: acknowledgement });
    const topic = deviceTopic(DEFAULT_TOPIC_PREFIX, device.id, "command", COMMAND);
    publish({ topic, payload: JSON.stringify(wanted), qos: 1, retain: false }).catch((error: Error) => {
      setSent(undefined);
      setFailure(error.message);
    });
  };
  const label = switchLabel({
    isSure,
    isOffline,
    acknowledgement,
    isOn,
    waiting,
    wanted: sent?.wanted,
    failure,
  });
  const labelId = `led-${device.id}`;
  return (
    <div class="led">
      <span class="led-label" id={labelId}>
        LED
      </span>
      <span class={label.alarm ? "led-state alarm" : "led-state"} role="status">
        {label.text}
      </span>
      <button
        type="button"
        class={isOn === undefined ? "switch switch-unknown" : "switch"}
        role="switch"
        aria-checked={isOn === true}
        aria-labelledby={labelId}
        aria-busy={waiting}
        disabled={!connected || isOffline || waiting}
        onClick={send}
      >
        <span class="switch-knob" />
      </button>
    </div>
  );
}

interface SwitchState {
  readonly isSure: boolean;
  readonly isOffline: boolean;
  readonly acknowledgement: Acknowledgement | undefined;
  readonly isOn: boolean | undefined;
  readonly waiting: boolean;
  readonly wanted: boolean | undefined;
  readonly failure: string | undefined;
}

function switchLabel(state: SwitchState): { text: string; alarm: boolean } {
  if (state.waiting) return { text: state.wanted ? "Turning on…" : "Turning off…", alarm: false };
  if (state.failure) return { text: state.failure, alarm: true };
  if (state.isOffline) return { text: "Device is offline", alarm: false };
  const { acknowledgement, isOn } = state;
  if (acknowledgement?.ok === false) {
    return { text: acknowledgement.error ?? "The device reported an error", alarm: true };
  }
  if (isOn === undefined) return { text: "Unknown", alarm: false };
  if (!state.isSure) return { text: isOn ? "Was on" : "Was off", alarm: false };
  return { text: isOn ? "On" : "Off", alarm: false };
}
