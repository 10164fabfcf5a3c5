/**
 * Uploads an app to a board, so that at any time the board boots either the previous app or the new one:
 *
 *     identify → read the board's state → refuse, or → stop the app → write the slot that does not boot → verify it
 *     → write its record, which is the switch → restart → watch
 *
 * Before the stop nothing is changed. Storage is never compacted. The caller opens and closes the line.
 */
import { BOOT_CODE_FILE } from "../../firmware/contract/boot-code.ts";
import { appFile, recordFile, SLOT_COUNT, sealSlotRecord } from "../../firmware/contract/slots.ts";
import { MotekitError } from "../errors.ts";
import { bytesOf, crc32Of } from "../serial/bytes.ts";
import { chooseCompression } from "../serial/compression.ts";
import type { BoardConsole } from "../serial/console.ts";
import { occupiedBytes, refuseWithoutRoom, sendFile, storageRoom } from "../serial/file-transfer.ts";
import { repairTornHeader, type StorageArea } from "../serial/torn-header.ts";
import { type BoardState, type BootCodeState, crc32, readBoardState, validRecords } from "./board-state.ts";
import { type StartReport, watchStart } from "./start-watch.ts";

export type UploadStep = "identify" | "inspect" | "stop" | "boot-code" | "write" | "switch" | "restart";

export interface UploadOptions {
  readonly app: Uint8Array;
  readonly bootCode: Uint8Array;
  /** The location of the board's Storage in flash. If undefined, torn headers are not repaired. */
  readonly storage?: StorageArea;
  /** Overwrites a `.bootcde` that is not this release's. If power fails during that write, the board does not boot. */
  readonly replaceBootCode?: boolean;
  /** The time to wait for the firmware's report that it started. */
  readonly watchMs: number;
  onStep?(step: UploadStep): void;
  onProgress?(sentBytes: number): void;
}

export interface UploadResult extends StartReport {
  readonly slot: number;
  readonly sequence: number;
  /** False if the board already had the app, so that nothing was written. */
  readonly written: boolean;
  /** The time to send and verify the app's bytes. */
  readonly transferMs: number;
  /** Whether the bytes were sent compressed. */
  readonly compressed: boolean;
  /** Whether the board still has a boot code of another release of motekit, which boots the app as well. */
  readonly keepsOtherBootCode: boolean;
}

const BOOTS_SLOTS: readonly BootCodeState[] = ["ours", "other"];
const RECORD_BYTES = 32;
/** The limit on attempts to reach the interpreter after a reset. */
const RESET_QUESTIONS_MAX = 10;
/** Feeds the watchdog that the stopped app may have enabled, because the interpreter's reset does not disable it. */
const KICK_STATEMENT = "setInterval(function(){E.kickWatchdog()},1000)";

/**
 * @throws MK1610 to MK1615 of the console, MK1622 no space, MK1623 Storage is damaged, MK1620 and MK1621 of the transfer, MK1701 foreign boot code,
 * MK1702 the app did not stop, MK1703 the switch was not made.
 */
export async function upload(console: BoardConsole, options: UploadOptions): Promise<UploadResult> {
  const step = (name: UploadStep) => options.onStep?.(name);
  step("identify");
  await console.identify();
  step("inspect");
  const state = await readBoardState(console, options.bootCode);
  if (state.bootCode === "foreign" && !options.replaceBootCode) throw foreignBootCode(console);
  const current = validRecords(state).find(({ sequence }) => sequence === newestSequence(state));
  const crc = crc32Of(options.app);
  const isUnchanged = current?.crc === crc && current.lengthBytes === options.app.length;
  if (!isUnchanged) await refuseUpload(console, options, state);
  step("stop");
  await stopApp(console);
  const wasTorn = options.storage !== undefined && (await repairTornHeader(console, options.storage));
  if (wasTorn && !isUnchanged) await refuseUpload(console, options, state);
  if (writesBootCode(options, state)) {
    step("boot-code");
    await sendFile(console, BOOT_CODE_FILE, options.bootCode);
  }
  const slot = isUnchanged ? state.bootingSlot : (state.bootingSlot + 1) % SLOT_COUNT;
  const sequence = newestSequence(state) + (isUnchanged ? 0 : 1);
  if (!isUnchanged) await console.measureReads();
  const compressed = !isUnchanged && (await chooseCompression(console, options.app));
  const started = console.clock.uptimeMs();
  if (!isUnchanged) {
    step("write");
    const { onProgress } = options;
    await sendFile(console, appFile(slot), options.app, {
      roomIsKnown: true,
      isCompressed: compressed,
      ...(onProgress && { onProgress }),
    });
  }
  const transferMs = console.clock.uptimeMs() - started;
  if (!isUnchanged) {
    step("switch");
    const record = sealSlotRecord({ sequence, lengthBytes: options.app.length, crc }, crc32);
    await sendFile(console, recordFile(slot), bytesOf(record));
    const after = await readBoardState(console, options.bootCode);
    if (after.bootingSlot !== slot || !BOOTS_SLOTS.includes(after.bootCode)) throw notSwitched(console, slot);
  }
  const keepsOtherBootCode = state.bootCode === "other" && !writesBootCode(options, state);
  step("restart");
  const report = await watchStart(console, "\x10load()\n", options.watchMs);
  return { slot, sequence, written: !isUnchanged, transferMs, compressed, keepsOtherBootCode, ...report };
}

function writesBootCode({ replaceBootCode }: UploadOptions, { bootCode }: BoardState): boolean {
  return bootCode === "other" ? replaceBootCode === true : bootCode !== "ours";
}

function newestSequence(state: BoardState): number {
  return Math.max(0, ...validRecords(state).map(({ sequence }) => sequence));
}

async function refuseUpload(console: BoardConsole, options: UploadOptions, state: BoardState): Promise<void> {
  const room = await storageRoom(console);
  const boot = writesBootCode(options, state) ? occupiedBytes(options.bootCode.length) : 0;
  const freeBytes = room.freeBytes - boot - occupiedBytes(RECORD_BYTES);
  refuseWithoutRoom(console, "the app", options.app.length, { ...room, freeBytes });
}

/** Stops the app, so that nothing of it runs and its memory is free. */
async function stopApp(console: BoardConsole): Promise<void> {
  await console.type("\x10reset()\n");
  for (let question = 0; question < RESET_QUESTIONS_MAX; question++) {
    if (await console.responds()) {
      await console.run(KICK_STATEMENT);
      return;
    }
  }
  throw new MotekitError({
    code: "MK1702",
    message: `The app on ${console.line.name} did not stop, because the interpreter does not respond after reset().`,
    remedy: "Nothing was changed. Press the reset button on the board and repeat the command.",
  });
}

function foreignBootCode(console: BoardConsole): MotekitError {
  return new MotekitError({
    code: "MK1701",
    message: `The board on ${console.line.name} has a ${BOOT_CODE_FILE} that is not motekit's. Nothing was changed.`,
    remedy:
      `Save a copy with \`motekit files get ${BOOT_CODE_FILE}\`, then upload with --replace-bootcde, ` +
      "which replaces it with motekit's.",
  });
}

function notSwitched(console: BoardConsole, slot: number): MotekitError {
  return new MotekitError({
    code: "MK1703",
    message: `The new app (${appFile(slot)}) was written, but the board on ${console.line.name} did not switch to it.`,
    remedy:
      "The board still starts the previous app. Repeat the upload. If the error persists, the flash may be worn out.",
  });
}
