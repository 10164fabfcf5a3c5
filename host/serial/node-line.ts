/** A line over a serial port of this computer. Only this file uses `serialport`. */
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
 * Opens a serial port. DTR and RTS stay as the operating system sets them, and do not change at the end, so that opening a port
 * does not reset the board.
 *
 * @throws MK1601 no such port, MK1602 in use, MK1603 no permission, MK1605 other errors.
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

/** The period of the check for the port's file. Some drivers do not report that the device was removed. */
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

  /** Calls the port, and rejects with the line's end even if the port does not call back. */
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

  /** The end after a failed call. A port whose device was removed is closed shortly before it reports that. */
  #endOfCall(cause: Error): LineEnd {
    const isShut = !this.#port.isOpen || /not open|bad file descriptor/i.test(cause.message);
    return isShut && !this.#isClosing ? { reason: "unplugged", cause } : endOf(cause);
  }
}

/** The end for an error of the system. An error of the device means that it was unplugged. */
function endOf(cause: Error): LineEnd {
  const isGone = /no such device|input\/output error|EIO|ENXIO|ENODEV/i.test(cause.message);
  return { reason: isGone ? "unplugged" : "failed", cause };
}

function noSignals(name: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1606",
      message: `${name} does not support the signals DTR and RTS.`,
      remedy: "Press the buttons on the board instead.",
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
      remedy: "List the serial ports of this computer with `motekit ports`.",
    },
    { cause },
  );
}

function portMissing(name: string, cause: Error): MotekitError {
  return new MotekitError(
    {
      code: "MK1601",
      message: `The port ${name} does not exist.`,
      remedy: "Plug the board in with a cable that carries data, and list the ports with `motekit ports`.",
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
      remedy: "Close that program (a terminal, an IDE, another motekit), and repeat the command.",
    },
    { cause },
  );
}

/** Finds the programs of this user that use a port, on Linux, with names and process IDs. */
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
    { code: "MK1603", message: `You have no permission to use ${name}.`, remedy: permissionRemedy(name) },
    { cause },
  );
}

/** How to get permission, which depends on the port's group and mode. */
function permissionRemedy(name: string): string {
  if (process.platform !== "linux") return "Ask the administrator of this computer for access to the port.";
  const { gid, mode } = statSync(name);
  const group = groupName(gid);
  const groupMayUse = (mode & 0o060) === 0o060;
  if (group === undefined || group === "root" || !groupMayUse) {
    return `Its mode is ${(mode & 0o777).toString(8)} and its group ${group ?? gid}. Get access with \`sudo setfacl -m u:${userInfo().username}:rw ${name}\`, or with a udev rule.`;
  }
  return `It belongs to the group ${group}. Join it with \`sudo usermod -a -G ${group} ${userInfo().username}\`, log out and in again, and repeat the command.`;
}

function groupName(id: number): string | undefined {
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((text) => text.split(":")[2] === String(id));
  return line?.split(":")[0];
}

/** Lists the serial ports of this computer, sorted by name. @throws MK1608 if the system cannot list them. */
export async function listNodePorts(): Promise<SerialPortInfo[]> {
  const ports = await SerialPort.list().catch((cause: Error) => {
    throw new MotekitError(
      {
        code: "MK1608",
        message: `The serial ports of this computer cannot be listed: ${cause.message}.`,
        remedy: "Choose the port with --port. On Linux, listing requires the program udevadm.",
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
 * Finds a port by any of its names, also by a link such as `/dev/serial/by-id/…`. Resolves to undefined if the system does not
 * list it, or cannot list ports.
 */
export async function findNodePort(name: string): Promise<SerialPortInfo | undefined> {
  const ports = await listNodePorts().catch((error: unknown) => {
    if (error instanceof MotekitError && error.code === "MK1608") return [];
    throw error;
  });
  const device = deviceOf(name);
  return ports.find((port) => port.name === name || deviceOf(port.name) === device);
}

/** The target of a link. On Windows, a port's name is not a path. */
function deviceOf(name: string): string {
  return name.startsWith("/") && existsSync(name) ? realpathSync(name) : name;
}
