/** Reads the state of a board before an upload: its boot code and its slots. It writes nothing. */
import { BOOT_CODE_FILE, BOOT_CODE_MARK } from "../../firmware/contract/boot-code.ts";
import {
  appFile,
  bootingSlot,
  recordFile,
  SLOT_COUNT,
  type SlotContent,
  type SlotRecord,
  slotRecord,
} from "../../firmware/contract/slots.ts";
import { bytesOf, crc32Of } from "../serial/bytes.ts";
import type { BoardConsole } from "../serial/console.ts";
import { byteLiteral } from "../serial/literal.ts";

/** The CRC-32 of a byte string, in the form that the contract requires. */
export const crc32 = (byteString: string): number => crc32Of(bytesOf(byteString));

/** `other` is motekit's, of another release or board. `torn` is an incomplete write of ours, with a tail of FF. */
export type BootCodeState = "none" | "ours" | "other" | "torn" | "foreign";

export interface BoardState {
  readonly bootCode: BootCodeState;
  readonly slots: readonly SlotContent[];
  /** The number of the slot that boots, or −1. */
  readonly bootingSlot: number;
}

interface BootCodeFigures {
  readonly start: string;
  readonly lengthBytes: number;
  readonly lastByte: number;
  readonly crc: number;
}

/** `bootCode` is the one that would be written. Throws like `evaluate`. */
export async function readBoardState(console: BoardConsole, bootCode: Uint8Array): Promise<BoardState> {
  const slots: SlotContent[] = [];
  for (let slot = 0; slot < SLOT_COUNT; slot++) slots.push(await readSlot(console, slot));
  const figures = await console.evaluateJson<BootCodeFigures | null>(
    `(b=>b?{start:b.substr(0,${BOOT_CODE_MARK.length}),lengthBytes:b.length,lastByte:b.charCodeAt(b.length-1),crc:E.CRC32(b)}:null)` +
      `(${readExpression(BOOT_CODE_FILE)})`,
  );
  return {
    bootCode: bootCodeState(figures, bootCode),
    slots,
    bootingSlot: bootingSlot(slots, crc32),
  };
}

export async function readSlot(console: BoardConsole, slot: number): Promise<SlotContent> {
  return console.evaluateJson<SlotContent>(
    `((a,r)=>({sealed:r,lengthBytes:a.length,crc:E.CRC32(a)}))` +
      `(${readExpression(appFile(slot))}||"",${readExpression(recordFile(slot))})`,
  );
}

function readExpression(name: string): string {
  return `require("Storage").read(${byteLiteral(bytesOf(name))})`;
}

function bootCodeState(figures: BootCodeFigures | null, bootCode: Uint8Array): BootCodeState {
  if (!figures) return "none";
  const isMarked = figures.start === BOOT_CODE_MARK;
  // It is recognized by its length if not even the mark was written, and by the mark if another release of motekit wrote it.
  if (figures.lastByte === 0xff && (isMarked || figures.lengthBytes === bootCode.length)) return "torn";
  if (!isMarked) return "foreign";
  return figures.crc === crc32Of(bootCode) ? "ours" : "other";
}

/** The valid records of all slots. */
export function validRecords(state: BoardState): SlotRecord[] {
  return state.slots.flatMap((content) => slotRecord(content, crc32) ?? []);
}
