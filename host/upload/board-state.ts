/** What lies on a board before an upload: its boot code, its slots, its room. Read without a write. */
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

/** CRC-32 of a byte string, as the contract wants it. */
export const crc32 = (byteString: string): number => crc32Of(bytesOf(byteString));

/** `other`: motekit's, of another release or for another board. `torn`: a write of our own that power cut off, which left a tail of FF. */
export type BootCodeState = "none" | "ours" | "other" | "torn" | "foreign";

export interface BoardState {
  readonly bootCode: BootCodeState;
  readonly slots: readonly SlotContent[];
  /** The slot that boots, or −1. */
  readonly bootingSlot: number;
}

interface BootCodeFigures {
  readonly start: string;
  readonly lengthBytes: number;
  readonly lastByte: number;
  readonly crc: number;
}

/** `bootCode` is the one that would be written. @throws as `evaluate`. */
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
  // By its length where not even the mark was written; by its mark where another release of motekit wrote it.
  if (figures.lastByte === 0xff && (isMarked || figures.lengthBytes === bootCode.length)) return "torn";
  if (!isMarked) return "foreign";
  return figures.crc === crc32Of(bootCode) ? "ours" : "other";
}

/** The records of all slots that are right. */
export function rightRecords(state: BoardState): SlotRecord[] {
  return state.slots.flatMap((content) => slotRecord(content, crc32) ?? []);
}
