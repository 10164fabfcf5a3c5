/**
 * The two slots for apps in a board's Storage. Each has a file with the bundle's bytes and a record with their checksum. The
 * boot code runs the valid app with the highest sequence number.
 *
 * Storage is not atomic: a power failure during a write leaves a file with a tail of FF. So an app is written to the slot that
 * does not run, its record is written last, in one piece, and both have a CRC-32 (that of `E.CRC32` and zip). Until the record
 * is complete, the previous app boots.
 *
 *     record    sequence length crc of the app, then the CRC of these: 8 hexadecimal digits each
 */
import { type Crc32, formatCrc } from "./configuration.ts";

export const SLOT_COUNT = 2;

export function appFile(slot: number): string {
  return "app" + slot + ".js";
}

export function recordFile(slot: number): string {
  return "mk.slot" + slot;
}

export interface SlotRecord {
  /** The number of the upload, counted from 1. */
  readonly sequence: number;
  readonly lengthBytes: number;
  readonly crc: number;
}

export function sealSlotRecord(record: SlotRecord, crc32: Crc32): string {
  const fields = formatCrc(record.sequence) + formatCrc(record.lengthBytes) + formatCrc(record.crc);
  return fields + formatCrc(crc32(fields));
}

/** Returns undefined if the record is missing or damaged. */
export function openSlotRecord(sealed: string | undefined, crc32: Crc32): SlotRecord | undefined {
  if (!sealed || formatCrc(crc32(sealed.substr(0, 24))) !== sealed.substr(24)) return undefined;
  return {
    sequence: parseInt(sealed.substr(0, 8), 16),
    lengthBytes: parseInt(sealed.substr(8, 8), 16),
    crc: parseInt(sealed.substr(16, 8), 16),
  };
}

/** The content of a slot. */
export interface SlotContent {
  /** The record's file; undefined, or null in JSON, if there is none. */
  readonly sealed?: string | undefined;
  /** The length of the app's file; 0 if there is none. */
  readonly lengthBytes: number;
  readonly crc: number;
}

/** The record of a slot, or undefined if it does not match the app in the slot. */
export function slotRecord(content: SlotContent, crc32: Crc32): SlotRecord | undefined {
  const record = openSlotRecord(content.sealed, crc32);
  if (!record || record.lengthBytes !== content.lengthBytes || record.crc !== content.crc) return undefined;
  return record;
}

/** The slot that boots, or −1 where none is right. */
export function bootingSlot(contents: readonly SlotContent[], crc32: Crc32): number {
  let chosen = -1;
  let sequence = 0;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const record = slotRecord(contents[slot] as SlotContent, crc32);
    if (record && record.sequence > sequence) {
      chosen = slot;
      sequence = record.sequence;
    }
  }
  return chosen;
}
