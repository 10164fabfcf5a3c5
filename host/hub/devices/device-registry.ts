/**
 * The devices of a hub, in one file of its folder. Commands change it while the hub runs: each change is read, made and
 * written under a lock, in one piece. It knows no connections.
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
/** Nobody holds it so long: whoever had it was killed. */
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

  /** In the order in which they were added; none where there is no file. @throws MotekitError MK1410 it is broken. */
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

  /** Undefined where there is no file. @throws MotekitError MK1410 it cannot be looked at. */
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
      throw this.#broken(`is no JSON: ${(cause as Error).message}`, cause);
    }
    const parsed = fileSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw this.#broken(
        `is wrong at ${issue?.path.join(".") || "its top"}: ${issue?.message}`,
        parsed.error,
      );
    }
    const { devices } = parsed.data;
    for (const key of ["id", "name"] as const) {
      const seen = new Set<string>();
      for (const device of devices) {
        if (seen.has(device[key])) throw this.#broken(`has two devices of the ${key} ${device[key]}`);
        seen.add(device[key]);
      }
    }
    return devices;
  }

  /**
   * Writes what `change` makes of the devices, and gives what it gives. Nothing is written where it throws.
   * @throws MotekitError MK1410 the file is broken, MK1411 it cannot be written, or another command does not let go of it.
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

  /** A folder, for that either is made or is there already. */
  async #lock(): Promise<void> {
    try {
      makeHubFolder(this.#folder);
    } catch (cause) {
      throw this.#unwritable((cause as Error).message, cause);
    }
    const deadlineMs = performance.now() + LOCK_WAIT_MS;
    while (!this.#tryLock()) {
      if (performance.now() > deadlineMs) throw this.#unwritable(`another command holds ${this.#lockFolder}`);
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
        message: "The hub's folder is no folder, or lies in something that is none.",
        where: { file: this.#folder },
        remedy: "Choose another with --data. A hub that runs goes on with the devices it had.",
      },
      { cause },
    );
  }

  #broken(what: string, cause?: unknown): MotekitError {
    return new MotekitError(
      {
        code: "MK1410",
        message: `The file of the hub's devices ${what}.`,
        where: { file: this.file },
        remedy:
          "Mend it, or move it away and add the devices again. A hub that runs goes on with those it had.",
      },
      { cause },
    );
  }

  #unwritable(what: string, cause?: unknown): MotekitError {
    return new MotekitError(
      {
        code: "MK1411",
        message: `The file of the hub's devices cannot be written: ${what}.`,
        where: { file: this.file },
        remedy: "Mend who may write there, or choose another folder with --data.",
      },
      { cause },
    );
  }
}

/**
 * A device by its name or ID.
 * @throws MotekitError MK1412 there is none.
 */
export function findDevice(devices: readonly Device[], nameOrId: string): Device {
  const found = devices.find(({ id, name }) => name === nameOrId || id === nameOrId.toLowerCase());
  if (found) return found;
  const names = devices.map(({ name }) => name).slice(0, NAMES_SHOWN_MAX);
  throw new MotekitError({
    code: "MK1412",
    message: `There is no device ${nameOrId} at this hub${names.length === 0 ? "" : ` (it has ${names.join(", ")})`}.`,
    remedy: `Look at them: motekit hub device list. Or add it: motekit hub device add ${typed(nameOrId)}`,
  });
}

const NAMES_SHOWN_MAX = 10;
