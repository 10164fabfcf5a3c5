/** A line over a serial port of this computer: the one file that knows `serialport`. */
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { SerialPort } from "serialport";
import { MotekitError } from "../errors.ts";
import {
  BAUD_RATE_DEFAULT,
  type Line,
  type LineEnd,
  type LineListener,
  type LineSignals,
  lineEnded,
} from "./line.ts";
import type { SerialPortInfo } from "./ports.ts";

export interface NodeLineOptions {
  readonly baudRate?: number;
}

/**
 * Opens a serial port. DTR and RTS stay as the operating system sets them, and do not drop at the end, so that a board
 * is not reset by a look at it.
 *
 * @throws MK1601 no such port, MK1602 in use, MK1603 no permission, MK1605 else.
 */
export function openNodeLine(name: string, options: NodeLineOptions = {}): Promise<Line> {
  const baudRate = options.baudRate ?? BAUD_RATE_DEFAULT;
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path: name, baudRate, autoOpen: false, hupcl: false });
    port.open((error) => {
      if (error) reject(notOpened(name, error));
      else resolve(new NodeLine(name, port));
    });
  });
}

/** Some drivers say nothing when the device goes away; its file goes too. */
const PRESENCE_CHECK_MS = 500;

class NodeLine implements Line {
  readonly name: string;
  readonly #port: SerialPort;
  #listener: LineListener | undefined;
  #isClosing = false;
  #end: LineEnd | undefined;
  readonly #presence: NodeJS.Timeout | undefined;
  #signals: Required<LineSignals> = { dataTerminalReady: true, requestToSend: true };

  constructor(name: string, port: SerialPort) {
    this.name = name;
    this.#port = port;
    if (name.startsWith("/")) {
      this.#presence = setInterval(() => {
        if (!existsSync(name)) this.#finish({ reason: "unplugged" });
      }, PRESENCE_CHECK_MS).unref();
    }
    port.on("error", (cause: Error) => this.#finish(this.#endOfCall(cause)));
    port.on("close", (cause: { disconnected?: boolean } | null) =>
      this.#finish(cause?.disconnected ? { reason: "unplugged", cause } : { reason: "closed" }),
    );
  }

  get baudRate(): number {
    return this.#port.baudRate;
  }

  listen(listener: LineListener): void {
    const isFirst = this.#listener === undefined;
    this.#listener = listener;
    if (this.#end) listener.onEnd(this.#end);
    else if (isFirst) this.#port.on("data", (bytes: Buffer) => this.#listener?.onBytes(bytes));
  }

  #finish(end: LineEnd): void {
    if (this.#end) return;
    this.#end = end;
    clearInterval(this.#presence);
    this.#listener?.onEnd(end);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#call((done) => void this.#port.write(bytes, done));
  }

  setSignals(signals: LineSignals): Promise<void> {
    this.#signals = { ...this.#signals, ...signals };
    const { dataTerminalReady: dtr, requestToSend: rts } = this.#signals;
    return this.#call((done) => this.#port.set({ dtr, rts }, done)).catch((cause: unknown) => {
      throw this.#end ? cause : noSignals(this.name, cause);
    });
  }

  setBaudRate(baudRate: number): Promise<void> {
    return this.#call((done) => this.#port.update({ baudRate }, done));
  }

  close(): Promise<void> {
    if (!this.#port.isOpen) return Promise.resolve();
    this.#isClosing = true;
    return new Promise((resolve) => {
      this.#port.once("close", () => resolve());
      this.#port.close((error) => {
        if (!error) return;
        this.#finish({ reason: "failed", cause: error });
        resolve();
      });
    });
  }

  /** Rejects with the line's end also where the port forgets to call back. */
  #call(call: (done: (error?: Error | null) => void) => void): Promise<void> {
    if (this.#end) return Promise.reject(lineEnded(this.name, this.#end));
    return new Promise((resolve, reject) => {
      const onClose = () => reject(lineEnded(this.name, this.#end ?? { reason: "closed" }));
      this.#port.once("close", onClose);
      call((error) => {
        this.#port.removeListener("close", onClose);
        if (!error) resolve();
        else reject(lineEnded(this.name, this.#end ?? this.#endOfCall(error)));
      });
    });
  }

  /** A port that nobody here closed is shut a moment before it says that the device has gone. */
  #endOfCall(cause: Error): LineEnd {
    const isShut = !this.#port.isOpen || /not open|bad file descriptor/i.test(cause.message);
    return isShut && !this.#isClosing ? { reason: "unplugged", cause } : endOf(cause);
  }
}

/** An error of the device itself is an unplugging that was noticed by a write. */
function endOf(cause: Error): LineEnd {
  const isGone = /no such device|input\/output error|EIO|ENXIO|ENODEV/i.test(cause.message);
  return { reason: isGone ? "unplugged" : "failed", cause };
}

function noSignals(name: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1606",
      message: `${name} has no DTR and RTS signals.`,
      remedy: "Press the board's own buttons instead.",
    },
    { cause },
  );
}

function notOpened(name: string, cause: Error): MotekitError {
  const text = cause.message;
  if (/no such file|file not found|cannot find/i.test(text)) return portMissing(name, cause);
  if (/permission denied/i.test(text)) return noPermission(name, cause);
  if (/cannot lock port|resource busy|device or resource busy|access denied/i.test(text)) {
    return portBusy(name, cause);
  }
  return new MotekitError(
    {
      code: "MK1605",
      message: `${name} cannot be opened as a serial port: ${text.replace(/^Error:? */, "")}.`,
      remedy: "`motekit ports` lists the serial ports of this computer.",
    },
    { cause },
  );
}

function portMissing(name: string, cause: Error): MotekitError {
  return new MotekitError(
    {
      code: "MK1601",
      message: `There is no port ${name}.`,
      remedy: "Plug the board in with a cable that carries data; `motekit ports` lists what is there.",
    },
    { cause },
  );
}

function portBusy(name: string, cause: Error): MotekitError {
  const holders = findHolders(name);
  return new MotekitError(
    {
      code: "MK1602",
      message: `${name} is in use by ${holders.join(" and ") || "another program"}.`,
      remedy: "End that program (a terminal, an IDE, another motekit), and repeat the command.",
    },
    { cause },
  );
}

/** On Linux, and of this user's programs: their names and process IDs. */
function findHolders(name: string): string[] {
  if (process.platform !== "linux") return [];
  const target = resolvedDevice(name);
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .flatMap((pid) => holder(pid, target) ?? []);
}

function resolvedDevice(name: string): number | undefined {
  return statSync(name, { throwIfNoEntry: false })?.rdev;
}

function holder(pid: string, device: number | undefined): string | undefined {
  try {
    const folder = `/proc/${pid}/fd`;
    const holds = readdirSync(folder).some((descriptor) => {
      const path = readlinkSync(`${folder}/${descriptor}`);
      return path.startsWith("/dev/") && resolvedDevice(path) === device;
    });
    return holds ? `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (process ${pid})` : undefined;
  } catch {
    // Another user's program, or one that has just ended.
    return undefined;
  }
}

function noPermission(name: string, cause: Error): MotekitError {
  return new MotekitError(
    { code: "MK1603", message: `You may not use ${name}.`, remedy: permissionRemedy(name) },
    { cause },
  );
}

/** Who is in the device's group may use it, where its mode says so. */
function permissionRemedy(name: string): string {
  if (process.platform !== "linux") return "Ask the administrator of this computer for access to the port.";
  const { gid, mode } = statSync(name);
  const group = groupName(gid);
  const groupMayUse = (mode & 0o060) === 0o060;
  if (group === undefined || group === "root" || !groupMayUse) {
    return `Its mode is ${(mode & 0o777).toString(8)}, its group ${group ?? gid}: give yourself access with \`sudo setfacl -m u:${userInfo().username}:rw ${name}\`, or by a udev rule.`;
  }
  return `It belongs to the group ${group}: join it with \`sudo usermod -a -G ${group} ${userInfo().username}\`, log out and in again, and repeat the command.`;
}

function groupName(id: number): string | undefined {
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((text) => text.split(":")[2] === String(id));
  return line?.split(":")[0];
}

/** The serial ports of this computer, in the order of their names. @throws MK1608 where the system does not tell. */
export async function listNodePorts(): Promise<SerialPortInfo[]> {
  const ports = await SerialPort.list().catch((cause: Error) => {
    throw new MotekitError(
      {
        code: "MK1608",
        message: `The serial ports of this computer cannot be listed: ${cause.message}.`,
        remedy: "Name the port by --port. On Linux the list comes from the program udevadm.",
      },
      { cause },
    );
  });
  return ports
    .map(({ path, vendorId, productId, manufacturer }) => ({
      name: path,
      ...(vendorId && productId
        ? { vendorId: vendorId.toLowerCase(), productId: productId.toLowerCase() }
        : {}),
      ...(manufacturer ? { manufacturer } : {}),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * By any of its names: `/dev/serial/by-id/…` is a link. Undefined where the system lists no such port, or does not tell what
 * there is.
 */
export async function findNodePort(name: string): Promise<SerialPortInfo | undefined> {
  const ports = await listNodePorts().catch((error: unknown) => {
    if (error instanceof MotekitError && error.code === "MK1608") return [];
    throw error;
  });
  const device = deviceOf(name);
  return ports.find((port) => port.name === name || deviceOf(port.name) === device);
}

/** What a link leads to. On Windows a port's name is no path. */
function deviceOf(name: string): string {
  return name.startsWith("/") && existsSync(name) ? realpathSync(name) : name;
}
