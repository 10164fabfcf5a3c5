/**
 * Sees every packet of the hub: keeps the last ones for who comes to look, tells them to who looks, and does to them what a
 * person's faults say. The connections of the hub's own page are left out: the page sees its own frames.
 */
import type { BrokerEvent } from "../../broker/broker-event.ts";
import { packetFaultKind } from "../../broker/packet-fault.ts";
import type { GatedConnection, GatedPacket, GateFault, PacketGate } from "../../broker/packet-gate.ts";
import type { FrameFate, WireEvent, WireFrame, WireNote, WireWatch } from "../../control/wire-events.ts";
import { withoutPassword } from "../../wire/secret-bytes.ts";
import { formatHubEvent } from "../reports/hub-event.ts";
import { clientIdOf, Faults, isFor } from "./faults.ts";
import { type LimitedKind, RateLimit } from "./rate-limit.ts";

/** Frames and notes that are kept. */
const KEPT_MAX = 2_000;
/** Of messages with their acknowledgements, and of all else, while nobody looks: one beyond costs no more than to be counted. */
const KEPT_PER_SECOND_MAX = 5_000;
const OF_MESSAGES: ReadonlySet<string> = new Set(["publish", "puback", "pubrec", "pubrel", "pubcomp"]);
/** Of a frame; the rest of a payload is only counted. */
const SHOWN_BYTES_MAX = 2_048;
/** For each watcher, of messages with their acknowledgements, and of all else; what comes beyond is only counted. */
const TOLD_PER_SECOND_MAX = 2_000;

export interface WireTapOptions {
  /** As `Date.now`. */
  readonly now: () => number;
  /** The password of a CONNECT is the page's token. */
  readonly isOwner: (password: Buffer) => boolean;
}

/** What is kept of a frame; it is made text for who looks at it. */
type Kept = WireNote | (Omit<WireFrame, "bytes"> & { readonly shown: Buffer });

interface Watcher {
  readonly clientId: string | undefined;
  readonly emit: (event: WireEvent) => void;
  readonly ration: RateLimit;
}

export class WireTap implements PacketGate {
  readonly faults: Faults;
  readonly #options: WireTapOptions;
  readonly #kept: Kept[] = [];
  readonly #ration = new RateLimit(KEPT_PER_SECOND_MAX);
  readonly #watchers = new Set<Watcher>();
  /** Connections whose CONNECT had the page's token. */
  readonly #own = new Set<number>();
  #serial = 0;
  #last: { readonly frame: Uint8Array | undefined; readonly shown: Buffer } = {
    frame: undefined,
    shown: Buffer.alloc(0),
  };

  constructor(options: WireTapOptions) {
    this.#options = options;
    this.faults = new Faults(() => this.#tellFaults());
  }

  meet(connection: GatedConnection, gated: GatedPacket): GateFault | undefined {
    const isOwn = this.#isOwn(connection, gated);
    const fault = this.faults.meet(connection, gated, isOwn);
    if (!isOwn || fault)
      this.#keepFrame(connection, gated, fault ? packetFaultKind(fault.action).fate : "passed");
    return fault && { ...fault, isFor: (topic) => isFor(fault, topic) };
  }

  meetViolation(connection: GatedConnection, frame: Uint8Array, reason: string): void {
    const clientId = connection.client?.id ?? "";
    if (this.#own.has(connection.number)) return;
    this.#tellLeftOut();
    const broken = this.#frame(connection.number, clientId, "in", shownOf(frame), frame.length, "violation");
    this.#keep(broken, "other");
    this.#keep(this.#note(connection.number, clientId, `it broke MQTT 3.1.1: ${reason}`), "other");
  }

  #isOwn(connection: GatedConnection, { packet }: GatedPacket): boolean {
    if (packet.type === "connect" && packet.password && this.#options.isOwner(packet.password)) {
      this.#own.add(connection.number);
    }
    return this.#own.has(connection.number);
  }

  #keepFrame(connection: GatedConnection, gated: GatedPacket, fate: FrameFate): void {
    this.#tellLeftOut();
    const kind = OF_MESSAGES.has(gated.packet.type) ? "message" : "other";
    if (fate === "passed" && !this.#isWanted(kind)) return;
    const { direction } = gated;
    const frame = gated.frame();
    const clientId = clientIdOf(connection, gated);
    const kept = this.#frame(connection.number, clientId, direction, this.#shown(frame), frame.length, fate);
    this.#keep(kept, kind);
  }

  #isWanted(kind: LimitedKind): boolean {
    return this.#watchers.size > 0 || this.#ration.take(kind);
  }

  /** What was left out of a second that is over, before the first of the next: serials count up in the order in which all is told. */
  #tellLeftOut(): void {
    const atMs = this.#options.now();
    this.#noteLeftOut(this.#ration.at(atMs));
    for (const { ration, emit } of this.#watchers) {
      const untold = ration.at(atMs);
      if (untold > 0) emit(this.#note(0, "", `${untold} frames were too many to be shown`));
    }
  }

  #noteLeftOut(count: number): void {
    if (count > 0) this.#keep(this.#note(0, "", `${count} frames were too many to be kept`), "other");
  }

  /** A message of QoS 0 is one and the same frame for all its subscribers: one copy does. */
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

  /** What happened at the hub stands among the frames. Messages are frames themselves: no words are made of each. */
  onEvent(event: BrokerEvent): void {
    switch (event.kind) {
      case "connected":
        if (!event.client.isOwner) this.#noteEvent(event, event.connection, event.client.id, "other");
        break;
      case "ended":
        this.#own.delete(event.connection);
        if (!event.client.isOwner) this.#noteEvent(event, event.connection, event.client.id, "other");
        break;
      case "turned away":
        this.#own.delete(event.connection ?? 0);
        this.#noteEvent(event, event.connection ?? 0, event.clientId ?? "", "other");
        break;
      case "denied":
        // As many as messages.
        this.#noteEvent(event, 0, event.client.id, "message");
        break;
    }
  }

  #noteEvent(event: BrokerEvent, connection: number, clientId: string, kind: LimitedKind): void {
    this.#tellLeftOut();
    if (this.#isWanted(kind)) this.#keep(this.#note(connection, clientId, formatHubEvent(event)), kind);
  }

  #keep(event: Kept, kind: LimitedKind): void {
    this.#kept.push(event);
    // In slices, so that not all are moved for each.
    if (this.#kept.length > KEPT_MAX * 1.25) this.#kept.splice(0, this.#kept.length - KEPT_MAX);
    for (const watcher of this.#watchers) this.#tell(watcher, event, kind);
  }

  #tell(watcher: Watcher, event: Kept, kind: LimitedKind): void {
    if (watcher.clientId !== undefined && watcher.clientId !== event.clientId) return;
    if (watcher.ration.take(kind)) watcher.emit(eventOf(event));
  }

  #tellFaults(): void {
    for (const { emit } of this.#watchers) emit({ kind: "faults", faults: this.faults.all });
  }

  /** Tells the faults, what was kept, and then what comes, until the signal. */
  watch({ clientId }: WireWatch, emit: (event: WireEvent) => void, signal: AbortSignal): void {
    emit({ kind: "faults", faults: this.faults.all });
    this.#noteLeftOut(this.#ration.tell());
    for (const event of this.#kept.slice(-KEPT_MAX)) {
      if (clientId === undefined || clientId === event.clientId) emit(eventOf(event));
    }
    const watcher: Watcher = { clientId, emit, ration: new RateLimit(TOLD_PER_SECOND_MAX) };
    this.#watchers.add(watcher);
    signal.addEventListener("abort", () => this.#watchers.delete(watcher), { once: true });
  }
}

/** A copy: the frame is a view of all that came with it. */
function shownOf(frame: Uint8Array): Buffer {
  return Buffer.from(withoutPassword(frame).subarray(0, SHOWN_BYTES_MAX));
}

function eventOf(kept: Kept): WireFrame | WireNote {
  if (kept.kind === "note") return kept;
  const { shown, ...frame } = kept;
  return { ...frame, bytes: shown.toString("base64") };
}
