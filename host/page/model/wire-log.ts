/** The frames of the Wire view: those from the hub's feed, and those of the page's own connections. */
import type { Fault, FrameFate, WireEvent } from "../../control/wire-events.ts";
import { type Direction, packetTypeOf } from "../../mqtt/packet-types.ts";
import { withoutPassword } from "../../wire/secret-bytes.ts";
import { Observable } from "./observable.ts";

export const ENTRIES_MAX = 5_000;
const SHOWN_BYTES_MAX = 2_048;

export interface FrameEntry {
  readonly kind: "frame";
  /** A number that increases with each entry of the page. */
  readonly serial: number;
  readonly timeMs: number;
  /** The client identifier. */
  readonly client: string;
  /** The hub's number of the connection, or 0 for the page's own connections. */
  readonly connection: number;
  readonly direction: Direction;
  /** The bytes of the frame. Only the first ones if it is long. */
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  readonly fate: FrameFate;
  readonly packet: string;
}

export interface NoteEntry {
  readonly kind: "note";
  readonly serial: number;
  readonly timeMs: number;
  readonly client: string;
  readonly connection: number;
  readonly text: string;
}

export type WireEntry = FrameEntry | NoteEntry;

export interface WireFilter {
  /** Empty for all clients. */
  readonly client: string;
  /** Empty for all packets. */
  readonly packet: string;
  readonly showsPings: boolean;
  /** Includes frames of the page's own connections. */
  readonly showsOwn: boolean;
}

export class WireLog extends Observable {
  #entries: WireEntry[] = [];
  #serial = 0;
  #hubSerial = 0;
  #faults: readonly Fault[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** The clients that have frames in the log, sorted by name. */
  clients(): string[] {
    return [...new Set(this.#entries.map(({ client }) => client))].filter(Boolean).sort();
  }

  /** Adds an event of the hub. The hub repeats earlier events when the feed restarts, so known serials are ignored. */
  take(event: WireEvent): void {
    if (event.kind === "faults") this.#faults = event.faults;
    else if (event.serial > this.#hubSerial) {
      this.#hubSerial = event.serial;
      const { atMs: timeMs, clientId: client, connection } = event;
      const place = { serial: ++this.#serial, timeMs, client, connection };
      if (event.kind === "note") this.#add({ ...place, kind: "note", text: event.text });
      else {
        const bytes = Uint8Array.from(atob(event.bytes), (character) => character.charCodeAt(0));
        this.#addFrame(
          { ...place, direction: event.direction, fate: event.fate, sizeBytes: event.sizeBytes },
          bytes,
        );
      }
    }
    this.changed();
  }

  /** Adds a frame of one of the page's own connections. */
  takeOwn(client: string, direction: Direction, frame: Uint8Array, timeMs: number): void {
    const place = { serial: ++this.#serial, timeMs, client, connection: 0 };
    // A copy, because the frame is a view of a larger buffer.
    const bytes = Uint8Array.from(withoutPassword(frame).subarray(0, SHOWN_BYTES_MAX));
    this.#addFrame({ ...place, direction, fate: "passed", sizeBytes: frame.length }, bytes);
    this.changed();
  }

  #addFrame(place: Omit<FrameEntry, "kind" | "bytes" | "packet">, bytes: Uint8Array): void {
    const packet = packetTypeOf(bytes[0] ?? 0)?.name ?? "reserved";
    this.#add({ ...place, kind: "frame", bytes, packet });
  }

  #add(entry: WireEntry): void {
    this.#entries.push(entry);
    // Old entries are dropped in batches, so that adding an entry does not move all others.
    if (this.#entries.length > ENTRIES_MAX * 1.2) this.#entries = this.#entries.slice(-ENTRIES_MAX);
  }

  /** All stored entries, oldest first. */
  all(): readonly WireEntry[] {
    return [...this.#entries];
  }

  /** The newest entries that match the filter, newest first. `entries` is an earlier copy for a paused list. */
  newest(filter: WireFilter, rowsMax: number, entries: readonly WireEntry[] = this.#entries): WireEntry[] {
    const found: WireEntry[] = [];
    for (let index = entries.length - 1; index >= 0 && found.length < rowsMax; index--) {
      const entry = entries[index] as WireEntry;
      if (matches(entry, filter)) found.push(entry);
    }
    return found;
  }

  clear(): void {
    this.#entries = [];
    this.changed();
  }
}

function matches(entry: WireEntry, { client, packet, showsPings, showsOwn }: WireFilter): boolean {
  if (client === "" ? !showsOwn && isOwn(entry) : entry.client !== client) return false;
  if (entry.kind === "note") return packet === "";
  if (packet !== "") return entry.packet === packet;
  return showsPings || (entry.packet !== "PINGREQ" && entry.packet !== "PINGRESP");
}

function isOwn(entry: WireEntry): boolean {
  return entry.kind === "frame" && entry.connection === 0;
}
