/** The simulated boards of one program, which are built from the same sources and connect to the same hub. */
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

/** An additional listener to a board, such as a terminal. */
export interface BoardListener {
  onLine(line: string): void;
  onPin(pin: string, level: number): void;
  /** The interpreter ended by itself. */
  onEnded(detail: string): void;
  /** The last call to the listener. */
  end(): void;
}

export interface BootOptions {
  /** Called for the first build and for each build that replaces it. */
  readonly listen?: (build: BuildResult) => BoardListener;
  /** An existing build to use. */
  readonly build?: BuildResult;
}

export interface FleetOptions {
  /** Returns the entry of the firmware. Called at each boot. */
  readonly entry: () => string;
  /** Stack traces name sources relative to this folder. */
  readonly workingFolder: string;
  readonly hub: () => HubAddress;
  /** The engine of boards that do not choose one. */
  readonly engine: Engine;
  readonly espruinoProgram?: string | undefined;
  /**
   * Whether other machines can reach the page, so that its token may be intercepted. Then console lines are refused, because
   * on both engines a line runs with the rights of this program's user.
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

  /** Builds the app for a kind of board. Rejects with the build's problems. */
  async build(board: Board): Promise<BuildResult> {
    const entry = this.#options.entry();
    const key = JSON.stringify([entry, board]);
    const builder = this.#builders.get(key) ?? createBuilder({ entry, board });
    this.#builders.set(key, builder);
    return builder.build();
  }

  /**
   * Boots a board. Resolves to its device ID when the bundle runs. Rejects with MK1470 if the ID is in use or there are too
   * many boards, with the build's problems, and like `bootBoard`.
   */
  async boot(
    { board: kind, id, engine = this.#options.engine }: BootRequest,
    options: BootOptions = {},
  ): Promise<string> {
    const board = loadBoard(kind);
    const deviceId = id ?? this.#unusedId(board);
    this.#refuse(deviceId);
    const build = options.build ?? (await this.build(board));
    // Another board may have been added during the build.
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
        message: `A simulated board with the device ID "${deviceId}" already exists.`,
        remedy: "Choose another device ID.",
      });
    }
    if (this.#members.size >= BOARDS_MAX) {
      throw new MotekitError({
        code: "MK1470",
        message: `There are already ${BOARDS_MAX} simulated boards, the limit.`,
        remedy: "Remove a simulated board first.",
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
          onChange: () => this.#emit({ kind: "board", board: member.powered.record }),
          onLine: (line) => {
            this.#handleLine(deviceId, member, line);
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

  /** Adds a console line. The firmware's own lines are readable already; other lines may belong to a stack trace. */
  #handleLine(deviceId: string, member: Member, line: string): void {
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
    this.#emit({ kind: "line", id, line });
  }

  /**
   * Builds for every kind of board in the fleet, and restarts the boards with the new builds. Resolves to the build for `board`.
   * Rejects with the build's problems, and then changes nothing.
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

  /** @throws MotekitError MK1470 there is no such board, MK1471 it cannot do that, MK1472 lines are refused. */
  async act(request: BoardAction): Promise<void> {
    if (request.action === "type") this.#refuseLineOfNetwork();
    const member = this.#members.get(request.id);
    if (!member) {
      throw new MotekitError({
        code: "MK1470",
        message: `There is no simulated board "${request.id}".`,
        remedy: "Reload the page to see the present boards.",
      });
    }
    const { powered } = member;
    switch (request.action) {
      case "power on":
        return powered.powerOn();
      case "power off":
        return powered.powerOff();
      case "reset":
        return powered.reset();
      case "wifi on":
      case "wifi off":
        return powered.switchWifi(request.action === "wifi on");
      case "type":
        return this.#type(request.id, member, request.line);
      case "drive":
        return powered.drive(request.pin, request.level);
      case "remove":
        await powered.powerOff();
        this.#forget(request.id);
    }
  }

  #refuseLineOfNetwork(): void {
    if (!this.#options.isOpenToNetwork) return;
    throw new MotekitError({
      code: "MK1472",
      message:
        "The console of a simulated board does not accept lines, because the hub is open to the network and a line runs with " +
        "the rights of the user who started the hub.",
      remedy: "Start the hub for this machine only, with --host 127.0.0.1.",
    });
  }

  /** Types a line, which is shown on the console before its output. */
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
    this.#emit({ kind: "removed", id });
  }

  #emit(event: FleetEvent): void {
    // Changes during the creation of a board are part of its first event.
    if (event.kind === "board" && !this.#members.has(event.board.id)) return;
    for (const emit of this.#watchers) emit(event);
  }

  /** Emits all boards, and then each event until the signal is aborted. */
  watch(emit: (event: FleetEvent) => void, signal: AbortSignal): void {
    const boards = [...this.#members.values()].map(({ powered, lines }) => ({
      ...powered.record,
      lines: [...lines],
    }));
    emit({ kind: "boards", boards });
    this.#watchers.add(emit);
    signal.addEventListener("abort", () => this.#watchers.delete(emit), { once: true });
  }

  /** Stops all boards. */
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
