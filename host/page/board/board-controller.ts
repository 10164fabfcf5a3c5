/**
 * The actions on a board in the Board view. Each runs the same code as the command of that name, over the browser's
 * serial port.
 */
import type { Board } from "../../boards.ts";
import { formatConfiguration, showConfiguration, writeConfiguration } from "../../configure/board-record.ts";
import { readTraits, recordBoard, restartFirmware } from "../../configure/board-session.ts";
import { scanWifi } from "../../configure/scan-wifi.ts";
import { collectSettings, configurationOf } from "../../configure/settings.ts";
import { ConnectionWatch } from "../../configure/watch-connection.ts";
import type { AppBuild, ProposedSettings } from "../../control/actions.ts";
import { MotekitError } from "../../errors.ts";
import type { FlashOptions } from "../../flash/flasher.ts";
import { bytesOf, crc32Of } from "../../serial/bytes.ts";
import type { BoardConsole } from "../../serial/console.ts";
import type { BrowserPort } from "../../serial/web-line.ts";
import { SourcePositions } from "../../trace/source-positions.ts";
import { readBoardState, validRecords } from "../../upload/board-state.ts";
import { upload } from "../../upload/upload.ts";
import { cameUp, UPLOAD_STEPS, VERDICTS } from "../../upload/upload-text.ts";
import type { ControlClient } from "../connection/control-client.ts";
import { formatBytes } from "../controls/format.ts";
import { Observable } from "../model/observable.ts";
import { BoardLink } from "./board-link.ts";
import { Jobs } from "./job.ts";

const START_WATCH_MS = 5_000;
const CONNECT_MS_MAX = 90_000;
/** The first start takes long, because the interpreter formats Storage. */
const FIRST_PROMPT_MS_MAX = 30_000;
const FLASH_BAUD_RATE = 460_800;

export type PinAction = "read" | "toggle" | "reset";

const PIN_RESULTS: Readonly<Record<Exclude<PinAction, "read">, string>> = {
  toggle: "was toggled",
  reset: "was reset to an input",
};

export interface FlashChoice {
  /** A package with the interpreter. */
  readonly file: File | undefined;
  readonly erase: FlashOptions["erase"];
}

export class BoardController extends Observable {
  readonly link = new BoardLink();
  readonly jobs = new Jobs();
  readonly control: ControlClient;
  #boards: readonly Board[] = [];
  #proposed: ProposedSettings = {};
  #networks: readonly string[] = [];

  constructor(control: ControlClient) {
    super();
    this.control = control;
    this.link.onChange(() => this.changed());
    this.jobs.onChange(() => this.changed());
  }

  /** Loads the boards and the proposed settings from the hub. @throws as the calls of the control channel. */
  async load(): Promise<void> {
    [this.#boards, this.#proposed] = await Promise.all([this.control.boards(), this.control.settings()]);
    this.changed();
  }

  get boards(): readonly Board[] {
    return this.#boards;
  }

  get proposed(): ProposedSettings {
    return this.#proposed;
  }

  /** The Wi-Fi networks of the board's last scan, strongest first. */
  get networks(): readonly string[] {
    return this.#networks;
  }

  /** The connected board, or undefined if motekit does not know it. */
  get board(): Board | undefined {
    const name = this.link.interpreter?.board;
    return this.#boards.find(({ espruinoBoard }) => espruinoBoard === name);
  }

  /** `choose` lets the user choose a port. */
  connect(choose: () => Promise<BrowserPort | undefined>): Promise<void> {
    return this.jobs.run("connect", async () => {
      const port = await choose();
      if (!port) return [];
      await this.link.open(
        port,
        this.#boards.flatMap(({ usb }) => usb),
      );
      if (this.link.interpreter) await this.#loadPositions();
      return [];
    });
  }

  disconnect(): Promise<void> {
    return this.link.close();
  }

  find(): Promise<void> {
    return this.jobs.run("find", async () => {
      await this.link.identify();
      this.link.release();
      await this.#loadPositions();
      return [];
    });
  }

  /** Builds the project, and decodes the board's stack traces with it if the board has the same app. */
  async #loadPositions(): Promise<void> {
    if (!this.board) return;
    const step = "comparing the board's app with the project";
    this.jobs.report({ step, isAtHub: true });
    const console = this.link.console;
    let build: AppBuild;
    try {
      build = await this.control.build({ board: this.board.id });
    } catch (error) {
      // A build error is reported when the user uploads. Until then stack traces are not decoded.
      if (error instanceof MotekitError) return;
      throw error;
    }
    // The board may have been disconnected or unplugged meanwhile.
    if (this.link.state !== "open" || this.link.console !== console) return;
    this.jobs.report({ step });
    const app = bytesOf(atob(build.app));
    const state = await readBoardState(console, bytesOf(atob(build.bootCode)));
    this.link.release();
    const isInstalled = validRecords(state).some(({ crc }) => crc === crc32Of(app));
    this.link.setPositions(isInstalled ? new SourcePositions({ map: build.map, app }) : undefined);
  }

  upload(replaceBootCode: boolean): Promise<void> {
    return this.jobs.run("upload", async () => {
      const console = await this.#identified(UPLOAD_STEPS.identify);
      const board = this.#knownBoard();
      this.jobs.report({ step: "building" });
      const build = await this.control.build({ board: board.id });
      const app = bytesOf(atob(build.app));
      let step = "";
      const result = await upload(console, {
        app,
        bootCode: bytesOf(atob(build.bootCode)),
        storage: board.storage,
        replaceBootCode,
        watchMs: START_WATCH_MS,
        onStep: (name) => {
          step = UPLOAD_STEPS[name];
          this.jobs.report({ step });
          if (name === "restart") this.link.setPositions(new SourcePositions({ map: build.map, app }));
        },
        onProgress: (sent) => this.jobs.report({ step, ...shareOf(sent, app.length) }),
      });
      this.link.release();
      if (!cameUp(result)) throw startFailure(VERDICTS[result.verdict]);
      const place = result.written ? `written to slot ${result.slot}` : "already on the board";
      return [`${build.entry}, ${formatBytes(app.length)}, ${place}. ${VERDICTS[result.verdict]}`];
    });
  }

  scan(): Promise<void> {
    return this.jobs.run("scan", async () => {
      const console = await this.#identified("scanning for networks");
      this.#networks = await scanWifi(console);
      this.link.release();
      const count = this.#networks.length;
      return [count > 0 ? `${count} ${count === 1 ? "network" : "networks"} found.` : "No networks found."];
    });
  }

  show(): Promise<void> {
    return this.jobs.run("show", async () => {
      const console = await this.#identified("reading the configuration");
      const shown = await showConfiguration(recordBoard(console, this.board));
      this.link.release();
      return formatConfiguration(shown);
    });
  }

  /**
   * Writes the settings, by their keys, and restarts the app. Empty values are left out. With `waits` the job ends when the
   * device is connected to its hub, or fails with the reason.
   */
  configure(values: Readonly<Record<string, string>>, waits: boolean): Promise<void> {
    return this.jobs.run("configure", async () => {
      const console = await this.#identified("looking for the interpreter");
      const traits = await readTraits(console, this.board);
      const settings = collectSettings(
        Object.entries(values).map(
          ([key, text]) => [key, text === "" ? undefined : text, "this form"] as const,
        ),
      );
      const configuration = configurationOf(settings, traits, () => ({}));
      this.link.hide([...settings].flatMap(([key, { text }]) => (key.endsWith("PASSWORD") ? [text] : [])));
      this.jobs.report({ step: "writing the configuration" });
      await writeConfiguration(recordBoard(console, this.board), configuration);
      if (!waits) {
        (await restartFirmware(console, () => undefined))();
        this.link.release();
        return [`${configuration.deviceId} is configured.`];
      }
      const watch = new ConnectionWatch(
        () => performance.now(),
        (line) => this.jobs.report({ step: "waiting for the hub", detail: line }),
      );
      this.jobs.report({ step: "waiting for the hub" });
      const stop = await restartFirmware(console, (line) => watch.push(line));
      this.link.release();
      try {
        const { hub, tookMs } = await watch.connected(console.line.name, CONNECT_MS_MAX);
        return [`${configuration.deviceId} connected to the hub ${hub}, ${seconds(tookMs)} after its start.`];
      } finally {
        stop();
      }
    });
  }

  flash({ file, erase }: FlashChoice): Promise<void> {
    return this.jobs.run("flash", async () => {
      const { ERASED, firmwarePackage, flash, flashError, FLASH_STEPS, slowerThan, unpackArchive } =
        await import("./flashing.ts");
      const firmware =
        file &&
        firmwarePackage(
          await unpackArchive(new Uint8Array(await file.arrayBuffer()), file.name),
          this.#boards,
          file.name,
        );
      let step = "";
      let startedMs = performance.now();
      const { line } = this.link.console;
      const result = await flash(line, {
        firmware,
        ...(erase && { erase }),
        boards: this.#boards,
        baudRate: FLASH_BAUD_RATE,
        usb: this.link.port?.getInfo() ?? {},
        onStep: (name) => {
          step = FLASH_STEPS[name];
          startedMs = performance.now();
          this.jobs.report({ step });
        },
        onProgress: (written, total) =>
          this.jobs.report({ step, ...shareOf(written, total, performance.now() - startedMs) }),
      }).finally(() => this.link.attachAgain());
      const { description, mac, erased, writtenBytes, baudRate, wasReset } = result;
      const lines = [`${description}, MAC ${mac}`];
      if (erased) lines.push(ERASED[erased]);
      if (firmware) lines.push(`${formatBytes(writtenBytes)} written and verified by MD5`);
      const slower = slowerThan(FLASH_BAUD_RATE, baudRate);
      if (slower) lines.push(slower);
      if (!wasReset) return [...lines, "Press RESET on the board."];
      if (!firmware) return lines;
      this.jobs.report({ step: "waiting for the interpreter" });
      const interpreter = await this.link.identify(FIRST_PROMPT_MS_MAX).catch((error: unknown) => {
        throw flashError(error, line.name, "written");
      });
      this.link.release();
      return [...lines, `Espruino ${interpreter.version} is running on ${interpreter.board}.`];
    });
  }

  pin(action: PinAction, text: string): Promise<void> {
    return this.jobs.run("pin", async () => {
      const { CoreController, pinName } = await import("./core-controller.ts");
      const pin = pinName(text);
      const pins = new CoreController(await this.#identified("asking the board"));
      try {
        if (action === "read") return [`${pin} reads ${await pins.read(pin)}.`];
        await pins[action](pin);
        return [`${pin} ${PIN_RESULTS[action]}.`];
      } finally {
        this.link.release();
      }
    });
  }

  /** Sends text to the board. A failure is not reported here: the log shows that the port was closed. */
  async type(text: string): Promise<void> {
    await this.link.type(text).catch(() => undefined);
  }

  clearConsole(): void {
    this.link.log.clear();
    this.changed();
  }

  async #identified(step: string): Promise<BoardConsole> {
    this.jobs.report({ step });
    await this.link.identify();
    return this.link.console;
  }

  /** @throws MK1708. */
  #knownBoard(): Board {
    if (this.board) return this.board;
    throw new MotekitError({
      code: "MK1708",
      message: `motekit does not know the connected board "${this.link.interpreter?.board}".`,
      remedy: "Describe it in a board file, and upload with `motekit upload --board FILE`.",
    });
  }
}

function startFailure(message: string): MotekitError {
  return new MotekitError({ code: "MK1710", message, remedy: "Read the board's output in the console." });
}

/** Progress of a transfer. `tookMs` is the time so far, from which the remaining time is estimated. */
function shareOf(done: number, total: number, tookMs = 0) {
  const left = tookMs > 0 && done > 0 ? `, ${seconds((tookMs / done) * (total - done))} left` : "";
  return { share: done / total, detail: `${formatBytes(done)} of ${formatBytes(total)}${left}` };
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
