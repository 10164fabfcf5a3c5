/**
 * Keeps the outbox in Storage, so that messages which `publish` has accepted survive a restart.
 *
 * Flash wears, and Storage leaves each old file behind as trash: the outbox is written once a period and only if it
 * has changed, so a message that was accepted within the last period can be lost. A record is a CRC-32 in 8 hexadecimal digits,
 * a number that counts up in 8, then each packet behind its length in 4; it goes to two files in turn, and the newer one
 * whose CRC is right counts, because power may fail in any write.
 */
import { outbox, restore } from "./session.ts";

const FILES = ["mk.out0", "mk.out1"];
const PERIOD_MS_MIN = 10_000;

/** The part of Espruino's `Storage` that is needed. */
export interface RecordStorage {
  read(name: string): string | undefined;
  write(name: string, data: string): unknown;
}

let storage: RecordStorage;
let crc32: (bytes: string) => number;
let sequence = 0;
let written = "";

function toHex(value: number, digits: number): string {
  return ("0000000" + value.toString(16)).substr(-digits);
}

function writeOutbox(): void {
  let packets = "";
  for (const key in outbox) {
    const entry = outbox[key];
    // Subscriptions are made anew by the app.
    if (entry && !entry.topicFilter) packets += toHex(entry.packet.length, 4) + entry.packet;
  }
  if (packets === written) return;
  const record = toHex(++sequence, 8) + packets;
  storage.write(FILES[sequence & 1] as string, toHex(crc32(record), 8) + record);
  written = packets;
}

/** Takes up what an earlier run has left, and keeps the outbox from now on. Call it once, before `connect`. */
export function persistOutbox(
  newStorage: RecordStorage,
  newCrc32: (bytes: string) => number,
  periodMs: number,
): void {
  storage = newStorage;
  crc32 = newCrc32;
  for (const name of FILES) {
    const file = storage.read(name);
    if (file && toHex(crc32(file.substring(8)), 8) === file.substring(0, 8)) {
      const number = parseInt(file.substring(8, 16), 16);
      if (number > sequence) {
        sequence = number;
        written = file.substring(16);
      }
    }
  }
  for (let at = 0; at < written.length; ) {
    const end = at + 4 + parseInt(written.substring(at, at + 4), 16);
    restore(written.substring(at + 4, end));
    at = end;
  }
  setInterval(writeOutbox, Math.max(periodMs, PERIOD_MS_MIN));
}
