/**
 * A simulated board with a power switch, an access point in reach, and pins that can be seen. Its deeds are done one after the
 * other. On the engine `node` Storage outlives power and new apps; on `espruino` each start is with Storage as it left the
 * upload.
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
  /** State, pins or Wi-Fi have changed. */
  onChange(): void;
  onLine(line: string): void;
  onPin(pin: string, level: number): void;
  /** The interpreter's program ended by itself. */
  onEnded(detail: string): void;
}

export class PoweredBoard {
  readonly #options: PoweredBoardOptions;
  readonly #air: Radio;
  readonly #storage: StorageFiles;
  readonly #pins = new Map<string, SimulatedPin>();
  /** From outside; the running board writes them too. */
  readonly #levels: PinLevels;
  readonly #drivenByPage = new Set<string>();
  #app: Uint8Array;
  /** The app in Storage is the newest. */
  #isProvisioned = false;
  #running: SimulatedBoard | undefined;
  #state: BoardState = "off";
  #isWifiOn = true;
  #deeds: Promise<unknown> = Promise.resolve();

  constructor(options: PoweredBoardOptions, app: Uint8Array) {
    this.#options = options;
    this.#app = app;
    this.#air = new Radio(options.configuration.wifi);
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

  /** Resolves when the bundle runs. Rejects as `bootBoard` does. */
  powerOn(): Promise<void> {
    return this.#do(() => this.#start());
  }

  /** Connections drop without DISCONNECT. */
  powerOff(): Promise<void> {
    return this.#do(() => this.#cut("off"));
  }

  reset(): Promise<void> {
    return this.#do(async () => {
      await this.#cut("starting");
      await this.#start();
    });
  }

  /** A board without power starts with the app when it gets some. */
  upload(app: Uint8Array): Promise<void> {
    return this.#do(async () => {
      this.#app = app;
      this.#isProvisioned = false;
      if (this.#state === "off") return;
      await this.#cut("starting");
      await this.#start();
    });
  }

  /** @throws MotekitError MK1471 the board has no Wi-Fi that can be switched. */
  switchWifi(isOn: boolean): void {
    const { configuration, engine, board } = this.#options;
    if (!this.#hasWifiSwitch) {
      throw new MotekitError({
        code: "MK1471",
        message: board.radio.wifi
          ? `The Wi-Fi of ${configuration.deviceId} cannot be switched: the engine ${engine} has no radio.`
          : `${board.name} has no Wi-Fi.`,
        remedy: "Boot a board with Wi-Fi on the engine node.",
      });
    }
    this.#isWifiOn = isOn;
    for (const ssid of this.#air.names()) this.#air.change(ssid, { isOn });
    this.#options.onChange();
  }

  /** @throws MotekitError MK1471 the board has no such pin. */
  drive(pin: string, level: number): void {
    const { board } = this.#options;
    if (!hasPin(board, pin)) {
      throw new MotekitError({
        code: "MK1471",
        message: `${board.name} has no pin ${pin}.`,
        remedy: "Pins are named as Espruino names them: D0, D1, …",
      });
    }
    this.#pins.set(pin, { pin, level, by: "page" });
    this.#drivenByPage.add(pin);
    if (this.#running) this.#running.drivePin(pin, level);
    else this.#levels.set(pin, level);
    this.#options.onChange();
  }

  /** @throws MotekitError MK1471 it does not run. */
  type(line: string): void {
    if (!this.#running) {
      throw new MotekitError({
        code: "MK1471",
        message: `${this.#options.configuration.deviceId} takes no line: it does not run.`,
        remedy: "Switch its power on.",
      });
    }
    this.#running.type(line);
  }

  #do<Result>(deed: () => Promise<Result>): Promise<Result> {
    const done = this.#deeds.then(deed);
    // Who asked for it is told; the next deed is done all the same.
    this.#deeds = done.catch(() => undefined);
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
          air: this.#air,
          storage: this.#storage,
          isProvisioned: this.#isProvisioned,
        }),
        onLine,
        onPin: (pin, level) => this.#takePin(pin, level),
        onExit: (reason) => this.#takeExit(reason),
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

  /** A pin without power, or after a restart, is written by nobody; what the page drives, it goes on driving. */
  #forgetWritten(): void {
    for (const [pin, { by }] of this.#pins) {
      const level = this.#levels.get(pin);
      if (by === "page") continue;
      if (level !== undefined && this.#drivenByPage.has(pin)) this.#pins.set(pin, { pin, level, by: "page" });
      else this.#pins.delete(pin);
    }
    this.#options.onChange();
  }

  #takePin(pin: string, level: number): void {
    this.#pins.set(pin, { pin, level, by: "app" });
    this.#options.onPin(pin, level);
    this.#options.onChange();
  }

  #takeExit(reason: ExitReason): void {
    if (reason.kind !== "ended") return;
    this.#running = undefined;
    this.#forgetWritten();
    this.#enter("ended");
    this.#options.onEnded(reason.detail);
  }
}
