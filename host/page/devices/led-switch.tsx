import { useEffect, useState } from "preact/hooks";
import { DEFAULT_TOPIC_PREFIX, deviceTopic } from "../../../firmware/contract/topics.ts";
import type { Publication } from "../connection/hub-connection.ts";
import type { Acknowledgement, Device } from "../model/known-devices.ts";

const COMMAND = "led";
const ANSWER_MS_MAX = 5_000;

interface Sent {
  readonly wanted: boolean;
  /** What the device had said before: its next word is the answer. */
  readonly before: Acknowledgement | undefined;
}

export interface LedSwitchProps {
  readonly device: Device;
  readonly connected: boolean;
  readonly publish: (publication: Publication) => Promise<void>;
}

/** Shows what the device confirmed, never what was merely asked for. */
export function LedSwitch({ device, connected, publish }: LedSwitchProps) {
  const said = device.acknowledgements.get(COMMAND);
  const [sent, setSent] = useState<Sent | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const waiting = sent !== undefined && sent.before === said;
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => {
      setSent(undefined);
      setFailure("The device did not answer");
    }, ANSWER_MS_MAX);
    return () => clearTimeout(timer);
  }, [waiting]);

  const isSure = device.sureAcknowledgements.has(COMMAND);
  const isOffline = device.isStatusSure && device.status === "offline";
  const lit = said?.ok === true && typeof said.value === "boolean" ? said.value : undefined;
  const send = (): void => {
    const wanted = lit !== true;
    setFailure(undefined);
    setSent({ wanted, before: said });
    const topic = deviceTopic(DEFAULT_TOPIC_PREFIX, device.id, "command", COMMAND);
    publish({ topic, payload: JSON.stringify(wanted), qos: 1, retain: false }).catch((error: Error) => {
      setSent(undefined);
      setFailure(error.message);
    });
  };
  const words = wordsOf({ isSure, isOffline, said, lit, waiting, wanted: sent?.wanted, failure });
  const labelId = `led-${device.id}`;
  return (
    <div class="led">
      <span class="led-label" id={labelId}>
        LED
      </span>
      <span class={words.alarm ? "led-state alarm" : "led-state"} role="status">
        {words.text}
      </span>
      <button
        type="button"
        class={lit === undefined ? "switch switch-unknown" : "switch"}
        role="switch"
        aria-checked={lit === true}
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
  readonly said: Acknowledgement | undefined;
  readonly lit: boolean | undefined;
  readonly waiting: boolean;
  readonly wanted: boolean | undefined;
  readonly failure: string | undefined;
}

function wordsOf(state: SwitchState): { text: string; alarm: boolean } {
  if (state.waiting) return { text: state.wanted ? "Turning on…" : "Turning off…", alarm: false };
  if (state.failure) return { text: state.failure, alarm: true };
  if (state.isOffline) return { text: "Device is offline", alarm: false };
  if (state.said?.ok === false) return { text: state.said.error ?? "The device refused", alarm: true };
  if (state.lit === undefined) return { text: "Not known yet", alarm: false };
  if (!state.isSure) return { text: state.lit ? "Was on" : "Was off", alarm: false };
  return { text: state.lit ? "On" : "Off", alarm: false };
}
