import { useState } from "preact/hooks";
import type { BoardAction, SimulatedBoardRecord } from "../../control/simulated-boards.ts";
import { formatNumber } from "../controls/format.ts";
import type { ShownBoard } from "../model/simulated-boards.ts";
import { BoardConsole } from "./board-console.tsx";

const STATE_LABELS: Record<SimulatedBoardRecord["state"], string> = {
  off: "Off",
  starting: "Starting…",
  running: "Running",
  ended: "Interpreter ended",
};

interface CardProps {
  readonly board: ShownBoard;
  readonly act: (action: BoardAction) => void;
}

export function BoardCard({ board, act }: CardProps) {
  const { record } = board;
  const { id, boardName, engine, state, wifi } = record;
  const isOn = state === "running" || state === "starting";
  return (
    <section class="panel simulated" data-board={id} aria-label={`Simulated board ${id}`}>
      <div class="panel-head">
        <h2>{id}</h2>
        <span class="quiet">
          {boardName}, engine {engine}
        </span>
        <span class={`status simulated-state state-${state}`} role="status">
          <span class="dot" aria-hidden="true" />
          {STATE_LABELS[state]}
        </span>
        <div class="tools">
          <SwitchField
            label="Power"
            on={isOn}
            toggle={() => act({ id, action: isOn ? "power off" : "power on" })}
          />
          {wifi !== undefined && (
            <SwitchField
              label="Wi-Fi"
              on={wifi}
              toggle={() => act({ id, action: wifi ? "wifi off" : "wifi on" })}
            />
          )}
          <button type="button" class="button" disabled={!isOn} onClick={() => act({ id, action: "reset" })}>
            Reset
          </button>
          <button type="button" class="button" onClick={() => act({ id, action: "remove" })}>
            Remove
          </button>
        </div>
      </div>
      <div class="simulated-body">
        <Pins record={record} act={act} />
        <BoardConsole board={board} act={act} />
      </div>
    </section>
  );
}

function SwitchField(props: { label: string; on: boolean; toggle: () => void }) {
  return (
    <label class="switch-field">
      <span>{props.label}</span>
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={props.on}
        aria-label={props.label}
        onClick={props.toggle}
      >
        <span class="switch-knob" />
      </button>
    </label>
  );
}

function Pins({ record, act }: { record: SimulatedBoardRecord; act: CardProps["act"] }) {
  const { id, led, button, pins, state } = record;
  const levelOf = (name: string): number | undefined => pins.find(({ pin }) => pin === name)?.level;
  const others = pins.filter(({ pin }) => pin !== led?.pin && pin !== button?.pin);
  return (
    <div class="simulated-pins">
      {led && <Lamp pin={led.pin} activeLow={led.activeLow} level={levelOf(led.pin)} />}
      {button && (
        <PressButton
          pin={button.pin}
          disabled={state !== "running"}
          press={(isDown) => {
            const level = isDown === button.activeLow ? 0 : 1;
            act({ id, action: "drive", pin: button.pin, level });
          }}
        />
      )}
      {others.length > 0 && (
        <ul class="pin-list">
          {others.map(({ pin, level, by }) => (
            <li key={pin}>
              <strong>{pin}</strong> <span class="number">{formatNumber(level)}</span>{" "}
              <span class="quiet">{by === "app" ? "set by the app" : "set here"}</span>
            </li>
          ))}
        </ul>
      )}
      <DriveForm drive={(pin, level) => act({ id, action: "drive", pin, level })} />
    </div>
  );
}

/** The LED is off until the app has written the pin. */
function Lamp(props: { pin: string; activeLow: boolean; level: number | undefined }) {
  const { pin, activeLow, level } = props;
  const light = level === undefined ? 0 : activeLow ? 1 - level : level;
  const text = light === 0 ? "off" : light === 1 ? "on" : `${Math.round(light * 100)} %`;
  return (
    <p class="lamp" role="status">
      <span class={light > 0 ? "lamp-bulb lamp-lit" : "lamp-bulb"} aria-hidden="true" />
      LED {pin}: <span class="lamp-text">{text}</span>
    </p>
  );
}

/** A push button, which is pressed as long as the pointer or the key is down. */
function PressButton(props: { pin: string; disabled: boolean; press: (isDown: boolean) => void }) {
  const { pin, disabled, press } = props;
  const [isDown, setDown] = useState(false);
  const change = (down: boolean): void => {
    if (down === isDown) return;
    setDown(down);
    press(down);
  };
  const isPressKey = ({ key }: KeyboardEvent): boolean => key === " " || key === "Enter";
  return (
    <button
      type="button"
      class="button press-button"
      aria-pressed={isDown}
      disabled={disabled}
      onPointerDown={() => change(true)}
      onPointerUp={() => change(false)}
      onPointerLeave={() => change(false)}
      onKeyDown={(event) => isPressKey(event) && change(true)}
      onKeyUp={(event) => isPressKey(event) && change(false)}
      onBlur={() => change(false)}
    >
      Hold button ({pin})
    </button>
  );
}

function DriveForm({ drive }: { drive: (pin: string, level: number) => void }) {
  const [pin, setPin] = useState("");
  const [level, setLevel] = useState("1");
  return (
    <form
      class="drive-form"
      aria-label="Set a pin"
      onSubmit={(event) => {
        event.preventDefault();
        drive(pin.toUpperCase(), Number(level));
      }}
    >
      <label class="field">
        <span class="field-label">Pin</span>
        <input
          type="text"
          placeholder="D34"
          autocomplete="off"
          value={pin}
          onInput={(event) => setPin(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="field-label">Level, 0 to 1</span>
        <input
          type="number"
          min="0"
          max="1"
          step="any"
          value={level}
          onInput={(event) => setLevel(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button">
        Set pin
      </button>
    </form>
  );
}
