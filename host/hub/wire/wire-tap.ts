/**
 * Sees every packet of the hub. It keeps the last ones for later watchers, reports them to watchers, and applies the faults that
 * a person has injected. Connections of the hub's page are omitted, because the page sees its own frames.
 */
import type { BrokerEvent } from "../../broker/broker-event.ts";
import { packetFaultKind } from "../../broker/packet-fault.ts";
import type { GatedConnection, GatedPacket, GateFault, PacketGate } from "../../broker/packet-gate.ts";
import type { FrameFate, WireEvent, WireFrame, WireNote, WireWatch } from "../../control/wire-events.ts";
import { withoutPassword } from "../../wire/secret-bytes.ts";
import { formatHubEvent } from "../reports/hub-event.ts";
import { clientIdOf, Faults, isFor } from "./faults.ts";
import { type LimitedKind, RateLimit } from "./rate-limit.ts";

/** The limit on frames and notes that are kept. */
const KEPT_MAX = 2_000;
/** The limit for each kind while nobody watches. Frames beyond it are only counted. */
const KEPT_PER_SECOND_MAX = 5_000;
const MESSAGE_PACKETS: ReadonlySet<string> = new Set(["publish", "puback", "pubrec", "pubrel", "pubcomp"]);
/** The limit on the bytes of a frame that are kept. */
const SHOWN_BYTES_MAX = 2_048;
/** The limit for each kind and watcher. Frames beyond it are only counted. */
const WATCHED_PER_SECOND_MAX = 2_000;

export interface WireTapOptions {
  /** Returns the time like `Date.now`. */
  readonly now: () => number;
  /** Whether the password of a CONNECT is the page's token. */
  readonly isOwner: (password: Buffer) => boolean;
}

/** A kept frame or note. The bytes are converted to text only for watchers. */
type Kept = WireNote | (Omit<WireFrame, "bytes"> & { readonly shown: Buffer });

interface Watcher {
  readonly clientId: string | undefined;
  readonly emit: (event: WireEvent) => void;
  readonly rateLimit: RateLimit;
}

export class WireTap implements PacketGate {
  readonly faults: Faults;
  readonly #options: WireTapOptions;
  readonly #kept: Kept[] = [];
  readonly #rateLimit = new RateLimit(KEPT_PER_SECOND_MAX);
  readonly #watchers = new Set<Watcher>();
  /** Connections whose CONNECT had the page's token. */
  readonly #ownConnections = new Set<number>();
  #serial = 0;
  #last: { readonly frame: Uint8Array | undefined; readonly shown: Buffer } = {
    frame: undefined,
    shown: Buffer.alloc(0),
  };

  constructor(options: WireTapOptions) {
    this.#options = options;
    this.faults = new Faults(() => this.#reportFaults());
  }

  onPacket(connection: GatedConnection, gated: GatedPacket): GateFault | undefined {
    const isOwn = this.#isOwn(connection, gated);
    const fault = this.faults.find(connection, gated, isOwn);
    if (!isOwn || fault)
      this.#keepFrame(connection, gated, fault ? packetFaultKind(fault.action).fate : "passed");
    return fault && { ...fault, isFor: (topic) => isFor(fault, topic) };
  }

  onViolation(connection: GatedConnection, frame: Uint8Array, reason: string): void {
    const clientId = connection.client?.id ?? "";
    if (this.#ownConnections.has(connection.number)) return;
    this.#reportOmitted();
    const broken = this.#frame(connection.number, clientId, "in", shownOf(frame), frame.length, "violation");
    this.#keep(broken, "other");
    this.#keep(this.#note(connection.number, clientId, `it violated MQTT 3.1.1: ${reason}`), "other");
  }

  #isOwn(connection: GatedConnection, { packet }: GatedPacket): boolean {
    if (packet.type === "connect" && packet.password && this.#options.isOwner(packet.password)) {
      this.#ownConnections.add(connection.number);
    }
    return this.#ownConnections.has(connection.number);
  }

  #keepFrame(connection: GatedConnection, gated: GatedPacket, fate: FrameFate): void {
    this.#reportOmitted();
    const kind = MESSAGE_PACKETS.has(gated.packet.type) ? "message" : "other";
    if (fate === "passed" && !this.#isWanted(kind)) return;
    const { direction } = gated;
    const frame = gated.frame();
    const clientId = clientIdOf(connection, gated);
    const kept = this.#frame(connection.number, clientId, direction, this.#shown(frame), frame.length, fate);
    this.#keep(kept, kind);
  }

  #isWanted(kind: LimitedKind): boolean {
    return this.#watchers.size > 0 || this.#rateLimit.allow(kind);
  }

  /** Reports the omitted frames of the last second before the first frame of the next, so that serials are in order. */
  #reportOmitted(): void {
    const atMs = this.#options.now();
    this.#noteOmitted(this.#rateLimit.advance(atMs));
    for (const { rateLimit, emit } of this.#watchers) {
      const omitted = rateLimit.advance(atMs);
      if (omitted > 0)
        emit(this.#note(0, "", `${omitted} frames are not shown, because there were too many`));
    }
  }

  #noteOmitted(count: number): void {
    if (count > 0)
      this.#keep(this.#note(0, "", `${count} frames were not kept, because there were too many`), "other");
  }

  /** Copies a frame. A message of QoS 0 is the same frame for all its subscribers, so it is copied once. */
  #shown(frame: Uint8Array): Buffer {
    if (frame !== this.#last.frame) this.#last = { frame, shown: shownOf(frame) };
    return this.#last.shown;
  }

  #frame(
    connection: number,
    clientId: string,
    direction: WireFrame["direction"],
    shown: Buffer,
    sizeBytes: number,
    fate: FrameFate,
  ): Kept {
    const serial = ++this.#serial;
    const atMs = this.#options.now();
    return { kind: "frame", serial, atMs, connection, clientId, direction, shown, sizeBytes, fate };
  }

  #note(connection: number, clientId: string, text: string): WireNote {
    return { kind: "note", serial: ++this.#serial, atMs: this.#options.now(), connection, clientId, text };
  }

  /** Adds a note for an event of the hub. Messages need none, because they are frames. */
  onEvent(event: BrokerEvent): void {
    switch (event.kind) {
      case "connected":
        if (!event.client.isOwner) this.#noteEvent(event, event.connection, event.client.id, "other");
        break;
      case "ended":
        this.#ownConnections.delete(event.connection);
        if (!event.client.isOwner) this.#noteEvent(event, event.connection, event.client.id, "other");
        break;
      case "turned away":
        this.#ownConnections.delete(event.connection ?? 0);
        this.#noteEvent(event, event.connection ?? 0, event.clientId ?? "", "other");
        break;
      case "denied":
        // There can be as many of them as messages.
        this.#noteEvent(event, 0, event.client.id, "message");
        break;
    }
  }

  #noteEvent(event: BrokerEvent, connection: number, clientId: string, kind: LimitedKind): void {
    this.#reportOmitted();
    if (this.#isWanted(kind)) this.#keep(this.#note(connection, clientId, formatHubEvent(event)), kind);
  }

  #keep(event: Kept, kind: LimitedKind): void {
    this.#kept.push(event);
    // Removed in batches, so that not all are moved for each event.
    if (this.#kept.length > KEPT_MAX * 1.25) this.#kept.splice(0, this.#kept.length - KEPT_MAX);
    for (const watcher of this.#watchers) this.#report(watcher, event, kind);
  }

  #report(watcher: Watcher, event: Kept, kind: LimitedKind): void {
    if (watcher.clientId !== undefined && watcher.clientId !== event.clientId) return;
    if (watcher.rateLimit.allow(kind)) watcher.emit(eventOf(event));
  }

  #reportFaults(): void {
    for (const { emit } of this.#watchers) emit({ kind: "faults", faults: this.faults.all });
  }

  /** Emits the faults, the kept frames, and then new frames until the signal is aborted. */
  watch({ clientId }: WireWatch, emit: (event: WireEvent) => void, signal: AbortSignal): void {
    emit({ kind: "faults", faults: this.faults.all });
    this.#noteOmitted(this.#rateLimit.takeOmitted());
    for (const event of this.#kept.slice(-KEPT_MAX)) {
      if (clientId === undefined || clientId === event.clientId) emit(eventOf(event));
    }
    const watcher: Watcher = { clientId, emit, rateLimit: new RateLimit(WATCHED_PER_SECOND_MAX) };
    this.#watchers.add(watcher);
    signal.addEventListener("abort", () => this.#watchers.delete(watcher), { once: true });
  }
}

/** A copy of a frame's beginning, because the frame is a view of a whole received chunk. */
function shownOf(frame: Uint8Array): Buffer {
  return Buffer.from(withoutPassword(frame).subarray(0, SHOWN_BYTES_MAX));
}

function eventOf(kept: Kept): WireFrame | WireNote {
  if (kept.kind === "note") return kept;
  const { shown, ...frame } = kept;
  return { ...frame, bytes: shown.toString("base64") };
}
