/**
 * The devices of a hub, in one file of its folder. Commands change it while the hub runs, so each change is read, applied and
 * written under a lock.
 */
import { mkdirSync, readFileSync, rmSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { MotekitError } from "../../errors.ts";
import { makeHubFolder, replaceFile } from "../folder/hub-folder.ts";
import { DEVICES_MAX, type Device, deviceSchema, typed } from "./device.ts";

const FILE = "devices.json";
const LOCK = "devices.lock";

const LOCK_POLL_MS = 20;
const LOCK_WAIT_MS = 5_000;
/** No command holds the lock longer, so an older lock was left by a killed process. */
const LOCK_STALE_MS = 10_000;

const fileSchema = z.strictObject({
  version: z.literal(1),
  devices: z.array(deviceSchema).max(DEVICES_MAX),
});

export class DeviceRegistry {
  readonly file: string;
  readonly #folder: string;

  constructor(hubFolder: string) {
    this.#folder = hubFolder;
    this.file = join(hubFolder, FILE);
  }

  /** The devices in the order in which they were added; none if there is no file. @throws MotekitError MK1410 invalid file. */
  read(): Device[] {
    let text: string;
    try {
      text = readFileSync(this.file, "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw this.#unreadable(cause);
    }
    return this.#parse(text);
  }

  /** The state of the file; undefined if there is no file. @throws MotekitError MK1410 it cannot be read. */
  stat(): Stats | undefined {
    try {
      return statSync(this.file, { throwIfNoEntry: false });
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #parse(text: string): Device[] {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw this.#broken(`is not valid JSON: ${(cause as Error).message}`, cause);
    }
    const parsed = fileSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw this.#broken(
        `is not valid at ${issue?.path.join(".") || "its top level"}: ${issue?.message}`,
        parsed.error,
      );
    }
    const { devices } = parsed.data;
    for (const key of ["id", "name"] as const) {
      const seen = new Set<string>();
      for (const device of devices) {
        if (seen.has(device[key])) throw this.#broken(`has two devices with the ${key} ${device[key]}`);
        seen.add(device[key]);
      }
    }
    return devices;
  }

  /**
   * Applies `change` to the devices, writes them, and returns its result. If `change` throws, nothing is written.
   * @throws MotekitError MK1410 the file is not valid, MK1411 it cannot be written, or another command holds the lock.
   */
  async change<Result>(
    change: (devices: Device[]) => { devices: Device[]; result: Result },
  ): Promise<Result> {
    await this.#lock();
    try {
      const { devices, result } = change(this.read());
      const text = JSON.stringify(
        { version: 1, devices: devices.map((device) => deviceSchema.parse(device)) },
        null,
        2,
      );
      this.#write(`${text}\n`);
      return result;
    } finally {
      rmSync(this.#lockFolder, { recursive: true, force: true });
    }
  }

  get #lockFolder(): string {
    return join(this.#folder, LOCK);
  }

  #write(text: string): void {
    try {
      replaceFile(this.file, text);
    } catch (cause) {
      throw this.#unwritable((cause as Error).message, cause);
    }
  }

  /** Takes the lock, which is a folder, because creating a folder is atomic. */
  async #lock(): Promise<void> {
    try {
      makeHubFolder(this.#folder);
    } catch (cause) {
      throw this.#unwritable((cause as Error).message, cause);
    }
    const deadlineMs = performance.now() + LOCK_WAIT_MS;
    while (!this.#tryLock()) {
      if (performance.now() > deadlineMs)
        throw this.#unwritable(`another command holds the lock ${this.#lockFolder}`);
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  }

  #tryLock(): boolean {
    try {
      mkdirSync(this.#lockFolder);
      return true;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST")
        throw this.#unwritable((cause as Error).message, cause);
    }
    const madeMs = statSync(this.#lockFolder, { throwIfNoEntry: false })?.mtimeMs;
    if (madeMs !== undefined && Date.now() - madeMs > LOCK_STALE_MS) {
      rmSync(this.#lockFolder, { recursive: true, force: true });
    }
    return false;
  }

  #unreadable(cause: unknown): MotekitError {
    if ((cause as NodeJS.ErrnoException).code !== "ENOTDIR")
      return this.#broken(`cannot be read: ${(cause as Error).message}`, cause);
    return new MotekitError(
      {
        code: "MK1410",
        message: "The hub's folder, or a part of its path, is not a folder.",
        where: { file: this.#folder },
        remedy: "Choose another folder with --data. A running hub continues with its present devices.",
      },
      { cause },
    );
  }

  #broken(what: string, cause?: unknown): MotekitError {
    return new MotekitError(
      {
        code: "MK1410",
        message: `The hub's device file ${what}.`,
        where: { file: this.file },
        remedy:
          "Fix the file, or move it away and add the devices again. A running hub continues with its present devices.",
      },
      { cause },
    );
  }

  #unwritable(what: string, cause?: unknown): MotekitError {
    return new MotekitError(
      {
        code: "MK1411",
        message: `The hub's device file cannot be written: ${what}.`,
        where: { file: this.file },
        remedy: "Change the permissions of the folder, or choose another folder with --data.",
      },
      { cause },
    );
  }
}

/**
 * Finds a device by its name or ID.
 * @throws MotekitError MK1412 there is none.
 */
export function findDevice(devices: readonly Device[], nameOrId: string): Device {
  const found = devices.find(({ id, name }) => name === nameOrId || id === nameOrId.toLowerCase());
  if (found) return found;
  const names = devices.map(({ name }) => name).slice(0, NAMES_SHOWN_MAX);
  throw new MotekitError({
    code: "MK1412",
    message: `The hub has no device "${nameOrId}"${names.length === 0 ? "" : ` (it has ${names.join(", ")})`}.`,
    remedy: `List the devices with \`motekit hub device list\`, or add it with \`motekit hub device add ${typed(nameOrId)}\`.`,
  });
}

const NAMES_SHOWN_MAX = 10;
