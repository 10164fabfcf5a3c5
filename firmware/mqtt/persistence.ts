/**
 * Keeps the outbox in Storage, so that messages which `publish` has accepted survive a restart.
 *
 * Flash wears, and Storage leaves each old file behind as trash: the outbox is written once a period and only if it
 * has changed, so a message that was accepted within the last period can be lost. A record is a CRC-32 in 8 hexadecimal digits,
 * a number that counts up in 8, then each packet behind its length in 4; it goes to two files in turn, and the newer one
 * whose CRC is right counts, because power may fail in any write.
 */
import { toBytes } from "./bytes.ts";
import { DUP, PUBLISH, SUBSCRIBE } from "./packet-types.ts";
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

/** Puts a packet into the outbox, as one that may have been sent: PUBLISH of QoS 1 or 2, PUBREL. */
function takeUp(packet: string): void {
  const firstByte = packet.charCodeAt(0);
  let at = 1;
  while (packet.charCodeAt(at) > 127) at++;
  at++;
  const isPublish = firstByte >> 4 === PUBLISH >> 4;
  if (isPublish) at += 2 + ((packet.charCodeAt(at) << 8) | packet.charCodeAt(at + 1));
  restore(
    "i" + packet.substring(at, at + 2),
    (isPublish ? toBytes(firstByte | DUP) : packet[0]) + packet.substring(1),
  );
}

function writeOutbox(): void {
  let packets = "";
  for (const key in outbox) {
    const packet = outbox[key] as string;
    // Subscriptions are made anew by the app.
    if (packet.charCodeAt(0) < SUBSCRIBE) packets += toHex(packet.length, 4) + packet;
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
    takeUp(written.substring(at + 4, end));
    at = end;
  }
  setInterval(writeOutbox, Math.max(periodMs, PERIOD_MS_MIN));
}
