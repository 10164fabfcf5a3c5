/** The simulated boards of one program: built from the same sources, connected to the same hub, and watched by the page. */
import type { HubAddress } from "../../firmware/contract/configuration.ts";
import { parseConsoleLine } from "../../firmware/contract/console-lines.ts";
import { type Board, loadBoard } from "../boards.ts";
import { type Builder, type BuildResult, createBuilder } from "../build/build.ts";
import type { BoardAction, BootRequest, ConsoleLine, FleetEvent } from "../control/simulated-boards.ts";
import { MotekitError } from "../errors.ts";
import type { Engine } from "../simulator/board-api/simulated-board.ts";
import { simulatedConfiguration } from "../simulator/engines/simulated-configuration.ts";
import { positionsOnDisk } from "../trace/disk-positions.ts";
import { formatTrace } from "../trace/format-trace.ts";
import { LiveConsole } from "../trace/live-console.ts";
import { PoweredBoard } from "./powered-board.ts";

export const BOARDS_MAX = 20;
const LINES_MAX = 500;

/** What else hears a board: a terminal. */
export interface BoardListener {
  onLine(line: string): void;
  onPin(pin: string, level: number): void;
  /** Its interpreter ended by itself. */
  onEnded(detail: string): void;
  /** Nothing more comes. */
  end(): void;
}

export interface BootOptions {
  /** Called for the first build, and for each that takes its place. */
  readonly listen?: (build: BuildResult) => BoardListener;
  /** One that is there already. */
  readonly build?: BuildResult;
}

export interface FleetOptions {
  /** The firmware's first file; asked at each boot. */
  readonly entry: () => string;
  /** Traces name sources from here. */
  readonly workingFolder: string;
  readonly hub: () => HubAddress;
  /** For boards that name none. */
  readonly engine: Engine;
  readonly espruinoProgram?: string | undefined;
  /**
   * Other machines reach the page, and its token may be overheard. Lines are refused then: on either engine one can do what
   * this program's user may.
   */
  readonly isOpenToNetwork?: boolean;
}

interface Member {
  readonly board: Board;
  readonly powered: PoweredBoard;
  readonly lines: ConsoleLine[];
  readonly listen: BootOptions["listen"];
  console: LiveConsole;
  listener: BoardListener | undefined;
  lineCount: number;
}

export class BoardFleet {
  readonly #options: FleetOptions;
  readonly #members = new Map<string, Member>();
  readonly #builders = new Map<string, Builder>();
  readonly #watchers = new Set<(event: FleetEvent) => void>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** The app for a kind of board, built anew. Rejects with the build's problems. */
  async build(board: Board): Promise<BuildResult> {
    const entry = this.#options.entry();
    const key = JSON.stringify([entry, board]);
    const builder = this.#builders.get(key) ?? createBuilder({ entry, board });
    this.#builders.set(key, builder);
    return builder.build();
  }

  /**
   * Resolves to its ID when the bundle runs. Rejects with MK1470 where the ID is taken or there are too many, with the build's
   * problems, and as `bootBoard` does.
   */
  async boot(
    { board: kind, id, engine = this.#options.engine }: BootRequest,
    options: BootOptions = {},
  ): Promise<string> {
    const board = loadBoard(kind);
    const deviceId = id ?? this.#unusedId(board);
    this.#refuse(deviceId);
    const build = options.build ?? (await this.build(board));
    // Another may have come meanwhile.
    this.#refuse(deviceId);
    const member = this.#create(board, deviceId, engine, build, options.listen);
    this.#members.set(deviceId, member);
    try {
      await member.powered.powerOn();
    } catch (error) {
      this.#forget(deviceId);
      throw error;
    }
    return deviceId;
  }

  #unusedId(board: Board): string {
    const first = simulatedConfiguration(board, this.#options.hub(), undefined).deviceId;
    for (let number = 1; ; number++) {
      const id = number === 1 ? first : `${first}-${number}`;
      if (!this.#members.has(id)) return id;
    }
  }

  #refuse(deviceId: string): void {
    if (this.#members.has(deviceId)) {
      throw new MotekitError({
        code: "MK1470",
        message: `There is a simulated board ${deviceId} already.`,
        remedy: "Give the new one another device ID.",
      });
    }
    if (this.#members.size >= BOARDS_MAX) {
      throw new MotekitError({
        code: "MK1470",
        message: `There are ${BOARDS_MAX} simulated boards already.`,
        remedy: "Remove some.",
      });
    }
  }

  #create(
    board: Board,
    deviceId: string,
    engine: Engine,
    build: BuildResult,
    listen: BootOptions["listen"],
  ): Member {
    const member: Member = {
      board,
      lines: [],
      lineCount: 0,
      listen,
      listener: listen?.(build),
      console: this.#createConsole(build, (text) => this.#addLine(deviceId, member, text)),
      powered: new PoweredBoard(
        {
          board,
          configuration: simulatedConfiguration(board, this.#options.hub(), deviceId),
          engine,
          espruinoProgram: this.#options.espruinoProgram,
          takesLines: !this.#options.isOpenToNetwork,
          onChange: () => this.#tell({ kind: "board", board: member.powered.record }),
          onLine: (line) => {
            this.#takeLine(deviceId, member, line);
            member.listener?.onLine(line);
          },
          onPin: (pin, level) => member.listener?.onPin(pin, level),
          onEnded: (detail) => {
            this.#addLine(deviceId, member, `The board stopped: ${detail}.`);
            member.listener?.onEnded(detail);
          },
        },
        build.app,
      ),
    };
    return member;
  }

  #createConsole(build: BuildResult, onText: (text: string) => void): LiveConsole {
    const positions = positionsOnDisk({ ...build, workingFolder: this.#options.workingFolder });
    return new LiveConsole(positions, {
      onText,
      onTrace: (trace) => formatTrace(trace).forEach((line) => void onText(line)),
    });
  }

  /** The firmware's own lines are for people already; all else may be a trace. */
  #takeLine(deviceId: string, member: Member, line: string): void {
    const parsed = parseConsoleLine(line);
    if (!parsed) {
      member.console.pushLine(line);
      return;
    }
    member.console.flush();
    this.#addLine(
      deviceId,
      member,
      parsed.kind === "log" ? parsed.detail : `${parsed.kind} ${parsed.detail}`,
    );
  }

  #addLine(id: string, member: Member, text: string): void {
    const line: ConsoleLine = { serial: ++member.lineCount, atMs: Date.now(), text };
    member.lines.push(line);
    if (member.lines.length > LINES_MAX) member.lines.shift();
    this.#tell({ kind: "line", id, line });
  }

  /**
   * Builds for every kind of board that there is, and starts them with what came of it. Resolves to the build for `board`. Rejects
   * with the build's problems, with nothing changed.
   */
  async rebuild(board: Board): Promise<BuildResult> {
    const builds = new Map([[board.id, await this.build(board)]]);
    for (const { board: kind } of this.#members.values()) {
      if (!builds.has(kind.id)) builds.set(kind.id, await this.build(kind));
    }
    await Promise.all(
      [...this.#members].map(async ([id, member]) => {
        const build = builds.get(member.board.id);
        if (!build) return;
        member.console.end();
        member.listener?.end();
        member.console = this.#createConsole(build, (text) => this.#addLine(id, member, text));
        member.listener = member.listen?.(build);
        await member.powered.upload(build.app);
      }),
    );
    return builds.get(board.id) as BuildResult;
  }

  /** @throws MotekitError MK1470 there is no such board, MK1471 it cannot do that, MK1472 no line is taken. */
  async act(deed: BoardAction): Promise<void> {
    if (deed.action === "type") this.#refuseLineOfNetwork();
    const member = this.#members.get(deed.id);
    if (!member) {
      throw new MotekitError({
        code: "MK1470",
        message: `There is no simulated board ${deed.id}.`,
        remedy: "Reload the page.",
      });
    }
    const { powered } = member;
    switch (deed.action) {
      case "power on":
        return powered.powerOn();
      case "power off":
        return powered.powerOff();
      case "reset":
        return powered.reset();
      case "wifi on":
      case "wifi off":
        return powered.switchWifi(deed.action === "wifi on");
      case "type":
        return this.#type(deed.id, member, deed.line);
      case "drive":
        return powered.drive(deed.pin, deed.level);
      case "remove":
        await powered.powerOff();
        this.#forget(deed.id);
    }
  }

  #refuseLineOfNetwork(): void {
    if (!this.#options.isOpenToNetwork) return;
    throw new MotekitError({
      code: "MK1472",
      message:
        "No line is taken for a simulated board: this hub is open to the network, and a line runs with the rights of whoever " +
        "started the hub.",
      remedy: "Start the hub for this machine alone, by --host 127.0.0.1.",
    });
  }

  /** The line stands on the console before what comes of it. */
  #type(id: string, member: Member, line: string): void {
    if (member.powered.record.state === "running") {
      member.console.flush();
      this.#addLine(id, member, `> ${line}`);
    }
    member.powered.type(line);
  }

  #forget(id: string): void {
    const member = this.#members.get(id);
    member?.console.end();
    member?.listener?.end();
    this.#members.delete(id);
    this.#tell({ kind: "removed", id });
  }

  #tell(event: FleetEvent): void {
    // What changes while a board is made is told when it is there.
    if (event.kind === "board" && !this.#members.has(event.board.id)) return;
    for (const emit of this.#watchers) emit(event);
  }

  /** Tells all there is, and then what happens, until the signal. */
  watch(emit: (event: FleetEvent) => void, signal: AbortSignal): void {
    const boards = [...this.#members.values()].map(({ powered, lines }) => ({
      ...powered.record,
      lines: [...lines],
    }));
    emit({ kind: "boards", boards });
    this.#watchers.add(emit);
    signal.addEventListener("abort", () => this.#watchers.delete(emit), { once: true });
  }

  /** Ends all boards. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#members.values()].map(async ({ powered, console, listener }) => {
        await powered.powerOff();
        console.end();
        listener?.end();
      }),
    );
    await Promise.all([...this.#builders.values()].map((builder) => builder.dispose()));
  }
}
