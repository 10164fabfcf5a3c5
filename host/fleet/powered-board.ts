/**
 * A simulated board with a power switch, an access point in range, and visible pins. Its actions run one after another. On the
 * engine `node`, Storage survives power cuts and new apps. On `espruino`, each start begins with Storage as after the upload.
 */
import type { Configuration } from "../../firmware/contract/configuration.ts";
import type { Board } from "../boards.ts";
import type { BoardState, SimulatedBoardRecord, SimulatedPin } from "../control/simulated-boards.ts";
import { MotekitError } from "../errors.ts";
import { hasPin, type PinLevels, restingLevels } from "../simulator/board-api/pins.ts";
import type { Engine, ExitReason, SimulatedBoard } from "../simulator/board-api/simulated-board.ts";
import { StorageFiles } from "../simulator/board-api/storage.ts";
import { bootBoard } from "../simulator/engines/boot-board.ts";
import { Radio } from "../simulator/world/radio.ts";

export interface PoweredBoardOptions {
  readonly board: Board;
  readonly configuration: Configuration;
  readonly engine: Engine;
  readonly espruinoProgram?: string | undefined;
  readonly takesLines: boolean;
  /** Called when state, pins or Wi-Fi have changed. */
  onChange(): void;
  onLine(line: string): void;
  onPin(pin: string, level: number): void;
  /** Called when the interpreter ended by itself. */
  onEnded(detail: string): void;
}

export class PoweredBoard {
  readonly #options: PoweredBoardOptions;
  readonly #radio: Radio;
  readonly #storage: StorageFiles;
  readonly #pins = new Map<string, SimulatedPin>();
  /** The levels of pins, which the page and the running board set. */
  readonly #levels: PinLevels;
  readonly #drivenByPage = new Set<string>();
  #app: Uint8Array;
  /** Whether Storage has the newest app. */
  #isProvisioned = false;
  #running: SimulatedBoard | undefined;
  #state: BoardState = "off";
  #isWifiOn = true;
  #actions: Promise<unknown> = Promise.resolve();

  constructor(options: PoweredBoardOptions, app: Uint8Array) {
    this.#options = options;
    this.#app = app;
    this.#radio = new Radio(options.configuration.wifi);
    this.#levels = restingLevels(options.board);
    this.#storage = new StorageFiles(options.board.storage.sizeBytes);
  }

  get record(): SimulatedBoardRecord {
    const { board, configuration, engine } = this.#options;
    return {
      id: configuration.deviceId,
      board: board.id,
      boardName: board.name,
      engine,
      state: this.#state,
      wifi: this.#hasWifiSwitch ? this.#isWifiOn : undefined,
      led: board.pins.led ?? undefined,
      button: board.pins.button ?? undefined,
      takesLines: this.#options.takesLines,
      pins: [...this.#pins.values()],
    };
  }

  get #hasWifiSwitch(): boolean {
    return this.#options.board.radio.wifi && this.#options.engine === "node";
  }

  /** Resolves when the bundle runs. Rejects like `bootBoard`. */
  powerOn(): Promise<void> {
    return this.#do(() => this.#start());
  }

  /** Cuts the power. Connections break without DISCONNECT. */
  powerOff(): Promise<void> {
    return this.#do(() => this.#cut("off"));
  }

  reset(): Promise<void> {
    return this.#do(async () => {
      await this.#cut("starting");
      await this.#start();
    });
  }

  /** Replaces the app. A board without power starts with it when it is powered on. */
  upload(app: Uint8Array): Promise<void> {
    return this.#do(async () => {
      this.#app = app;
      this.#isProvisioned = false;
      if (this.#state === "off") return;
      await this.#cut("starting");
      await this.#start();
    });
  }

  /** @throws MotekitError MK1471 the board has no Wi-Fi, or its engine cannot switch it. */
  switchWifi(isOn: boolean): void {
    const { configuration, engine, board } = this.#options;
    if (!this.#hasWifiSwitch) {
      throw new MotekitError({
        code: "MK1471",
        message: board.radio.wifi
          ? `The Wi-Fi of ${configuration.deviceId} cannot be switched, because the engine "${engine}" does not simulate a radio.`
          : `${board.name} has no Wi-Fi.`,
        remedy: 'Boot a board with Wi-Fi on the engine "node".',
      });
    }
    this.#isWifiOn = isOn;
    for (const ssid of this.#radio.names()) this.#radio.change(ssid, { isOn });
    this.#options.onChange();
  }

  /** @throws MotekitError MK1471 the board has no such pin. */
  drive(pin: string, level: number): void {
    const { board } = this.#options;
    if (!hasPin(board, pin)) {
      throw new MotekitError({
        code: "MK1471",
        message: `${board.name} has no pin ${pin}.`,
        remedy: "Use the names of Espruino: D0, D1, …",
      });
    }
    this.#pins.set(pin, { pin, level, by: "page" });
    this.#drivenByPage.add(pin);
    if (this.#running) this.#running.drivePin(pin, level);
    else this.#levels.set(pin, level);
    this.#options.onChange();
  }

  /** @throws MotekitError MK1471 the board is not running. */
  type(line: string): void {
    if (!this.#running) {
      throw new MotekitError({
        code: "MK1471",
        message: `The console of ${this.#options.configuration.deviceId} does not accept a line, because the board is not running.`,
        remedy: "Switch its power on.",
      });
    }
    this.#running.type(line);
  }

  #do<Result>(action: () => Promise<Result>): Promise<Result> {
    const done = this.#actions.then(action);
    // The caller gets the error, and the next action runs anyway.
    this.#actions = done.catch(() => undefined);
    return done;
  }

  async #start(): Promise<void> {
    if (this.#running) return;
    const { board, configuration, engine, espruinoProgram, onLine } = this.#options;
    this.#enter("starting");
    try {
      this.#running = await bootBoard({
        board,
        app: this.#app,
        configuration,
        engine,
        pinLevels: this.#levels,
        ...(espruinoProgram !== undefined && { espruinoProgram }),
        ...(engine === "node" && {
          air: this.#radio,
          storage: this.#storage,
          isProvisioned: this.#isProvisioned,
        }),
        onLine,
        onPin: (pin, level) => this.#handlePin(pin, level),
        onExit: (reason) => this.#handleExit(reason),
        onRestart: () => this.#forgetWritten(),
      });
    } catch (error) {
      this.#enter("off");
      throw error;
    }
    this.#isProvisioned = true;
    this.#enter("running");
  }

  async #cut(then: BoardState): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
    this.#forgetWritten();
    this.#enter(then);
  }

  #enter(state: BoardState): void {
    this.#state = state;
    this.#options.onChange();
  }

  /** Forgets the levels that the app wrote, because the board restarted or lost power. The page still drives its pins. */
  #forgetWritten(): void {
    for (const [pin, { by }] of this.#pins) {
      const level = this.#levels.get(pin);
      if (by === "page") continue;
      if (level !== undefined && this.#drivenByPage.has(pin)) this.#pins.set(pin, { pin, level, by: "page" });
      else this.#pins.delete(pin);
    }
    this.#options.onChange();
  }

  #handlePin(pin: string, level: number): void {
    this.#pins.set(pin, { pin, level, by: "app" });
    this.#options.onPin(pin, level);
    this.#options.onChange();
  }

  #handleExit(reason: ExitReason): void {
    if (reason.kind !== "ended") return;
    this.#running = undefined;
    this.#forgetWritten();
    this.#enter("ended");
    this.#options.onEnded(reason.detail);
  }
}
