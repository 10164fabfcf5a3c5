/**
 * Where apps lie in a board's Storage: in two slots, each a file with the bundle's bytes and a record that vouches for
 * them. The boot code runs the app of the highest sequence whose record and bytes are right.
 *
 * Storage is not atomic: power may fail in any write, and leaves a file with a tail of FF. So an app goes into the slot
 * that does not run, its record is written last, in one piece, and both have a CRC-32 (as `E.CRC32` and zip have it):
 * until the record is whole the other app boots.
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
  /** Counts up with each upload, from 1. */
  readonly sequence: number;
  readonly lengthBytes: number;
  readonly crc: number;
}

export function sealSlotRecord(record: SlotRecord, crc32: Crc32): string {
  const fields = formatCrc(record.sequence) + formatCrc(record.lengthBytes) + formatCrc(record.crc);
  return fields + formatCrc(crc32(fields));
}

/** Undefined where the record is missing or not whole. */
export function openSlotRecord(sealed: string | undefined, crc32: Crc32): SlotRecord | undefined {
  if (!sealed || formatCrc(crc32(sealed.substr(0, 24))) !== sealed.substr(24)) return undefined;
  return {
    sequence: parseInt(sealed.substr(0, 8), 16),
    lengthBytes: parseInt(sealed.substr(8, 8), 16),
    crc: parseInt(sealed.substr(16, 8), 16),
  };
}

/** What lies in a slot. */
export interface SlotContent {
  /** The record's file; undefined, or null in JSON: there is none. */
  readonly sealed?: string | undefined;
  /** Of the app's file; 0 where there is none. */
  readonly lengthBytes: number;
  readonly crc: number;
}

/** The record of a slot, where the app in it is the one that it vouches for. */
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
