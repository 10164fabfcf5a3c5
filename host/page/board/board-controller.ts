/**
 * What a person does with a board from the page: each by the same code as the command of that name, over a line of the
 * browser's.
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
/** Storage is laid out anew at the first start. */
const FIRST_PROMPT_MS_MAX = 30_000;
const FLASH_BAUD_RATE = 460_800;

export type PinAction = "read" | "toggle" | "reset";

const PIN_DONE: Readonly<Record<Exclude<PinAction, "read">, string>> = {
  toggle: "was toggled",
  reset: "is an input again",
};

export interface FlashChoice {
  /** A package of the interpreter's. */
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

  /** What the hub knows. Without it the tab is a console alone, and says why. @throws as the control channel's calls. */
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

  /** The Wi-Fi networks that the board saw when it was last asked, strongest first. */
  get networks(): readonly string[] {
    return this.#networks;
  }

  /** The board that is connected, where motekit knows it. */
  get board(): Board | undefined {
    const name = this.link.interpreter?.board;
    return this.#boards.find(({ espruinoBoard }) => espruinoBoard === name);
  }

  /** `choose` asks the person for a port. */
  connect(choose: () => Promise<BrowserPort | undefined>): Promise<void> {
    return this.jobs.run("connect", async () => {
      const port = await choose();
      if (!port) return [];
      await this.link.open(
        port,
        this.#boards.flatMap(({ usb }) => usb),
      );
      if (this.link.interpreter) await this.#learnPositions();
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
      await this.#learnPositions();
      return [];
    });
  }

  /** The project's sources explain the board's traces where its app is the one that they make. */
  async #learnPositions(): Promise<void> {
    if (!this.board) return;
    const step = "comparing the board's app with the project";
    this.jobs.report({ step, isAtHub: true });
    const console = this.link.console;
    let build: AppBuild;
    try {
      build = await this.control.build({ board: this.board.id });
    } catch (error) {
      // Sources that do not build now explain nothing; whoever uploads is told.
      if (error instanceof MotekitError) return;
      throw error;
    }
    // Disconnected meanwhile, or unplugged.
    if (this.link.state !== "open" || this.link.console !== console) return;
    this.jobs.report({ step });
    const app = bytesOf(atob(build.app));
    const state = await readBoardState(console, bytesOf(atob(build.bootCode)));
    this.link.release();
    const isThere = validRecords(state).some(({ crc }) => crc === crc32Of(app));
    this.link.setPositions(isThere ? new SourcePositions({ map: build.map, app }) : undefined);
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
      if (!cameUp(result)) throw notUp(VERDICTS[result.verdict]);
      const how = result.written ? `in slot ${result.slot}` : "there already";
      return [`${build.entry}, ${formatBytes(app.length)}, ${how}. ${VERDICTS[result.verdict]}`];
    });
  }

  scan(): Promise<void> {
    return this.jobs.run("scan", async () => {
      const console = await this.#identified("looking for networks");
      this.#networks = await scanWifi(console);
      this.link.release();
      return [this.#networks.length > 0 ? `${this.#networks.length} found.` : "The board sees no network."];
    });
  }

  show(): Promise<void> {
    return this.jobs.run("show", async () => {
      const console = await this.#identified("reading");
      const shown = await showConfiguration(recordBoard(console, this.board));
      this.link.release();
      return formatConfiguration(shown);
    });
  }

  /** By the keys of settings; empty texts are left out. With `waits` it is said whether the device reaches its hub. */
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
      this.jobs.report({ step: "writing" });
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
        return [`${configuration.deviceId} is on its hub ${hub}, ${seconds(tookMs)} after its start.`];
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
      if (firmware) lines.push(`${formatBytes(writtenBytes)} written and proved by MD5`);
      const slower = slowerThan(FLASH_BAUD_RATE, baudRate);
      if (slower) lines.push(slower);
      if (!wasReset) return [...lines, "Press RESET on the board."];
      if (!firmware) return lines;
      this.jobs.report({ step: "waiting for the interpreter" });
      const interpreter = await this.link.identify(FIRST_PROMPT_MS_MAX).catch((error: unknown) => {
        throw flashError(error, line.name, "written");
      });
      this.link.release();
      return [...lines, `Espruino ${interpreter.version} on ${interpreter.board} answers.`];
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
        return [`${pin} ${PIN_DONE[action]}.`];
      } finally {
        this.link.release();
      }
    });
  }

  /** Keys to the board; where it is gone, the log says so. */
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
      message: `The board is "${this.link.interpreter?.board}", which motekit does not know.`,
      remedy: "Describe it in a board file, and upload by `motekit upload --board FILE`.",
    });
  }
}

function notUp(message: string): MotekitError {
  return new MotekitError({ code: "MK1710", message, remedy: "The console shows what the board said." });
}

/** `tookMs`: for the time that is left. */
function shareOf(done: number, total: number, tookMs = 0) {
  const left = tookMs > 0 && done > 0 ? `, ${seconds((tookMs / done) * (total - done))} left` : "";
  return { share: done / total, detail: `${formatBytes(done)} of ${formatBytes(total)}${left}` };
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
