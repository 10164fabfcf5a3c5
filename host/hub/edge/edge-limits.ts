/**
 * The limits on peers beyond MQTT's own rules: the number of open connections, the time to CONNECT, how often a client may
 * connect, and how fast it is read. Its methods are called with events and times. Its memory is bounded, and it closes nothing
 * itself.
 */
import { createHash } from "node:crypto";
import type { Refusal } from "../../broker/policy.ts";
import { ConnectionCaps } from "./connection-caps.ts";
import { type FlapRule, type FlapVerdict, FlapWatch } from "./flap-watch.ts";
import { isLoopback, peerOf } from "./peer-address.ts";
import { type Rate, ReadRate } from "./read-rate.ts";

/** The limits on peers of one kind. */
export interface PeerLimits {
  readonly connectionsMax: number;
  /** The limit on new connections of a peer, whatever they send; undefined for no limit. */
  readonly peerFlaps?: FlapRule;
  /** The limit on CONNECTs of a client identifier at a peer. */
  readonly clientFlaps: FlapRule;
  /** If false, a flapping client is reported and still served. */
  readonly refusesFlapping: boolean;
  /** The limit on reading; undefined for no limit. */
  readonly rate?: Rate;
}

export interface EdgeLimitsOptions {
  readonly connectionsMax: number;
  /** The time from the accepted connection to a complete CONNECT. Bytes that trickle in do not extend it. */
  readonly connectMsMax: number;
  readonly remote: PeerLimits;
  /** The limits on programs on the hub's own machine. */
  readonly loopback: PeerLimits;
}

const CONNECTIONS_MAX = 10_000;
const REMOTE_CONNECTIONS_MAX = 200;
const WINDOW_MS = 60_000;
const FLAPPING_MS = 5 * 60_000;
/** One CONNECT every four seconds for a minute. No board's retry schedule connects as often for as long. */
const CLIENT_FLAPS: FlapRule = { connectsMax: 15, windowMs: WINDOW_MS, flappingMs: FLAPPING_MS };

export const EDGE_LIMITS: EdgeLimitsOptions = {
  connectionsMax: CONNECTIONS_MAX,
  connectMsMax: 5_000,
  remote: {
    connectionsMax: REMOTE_CONNECTIONS_MAX,
    // A peer can make all its connections anew at once, as when boards behind one router get power at the same time.
    peerFlaps: { connectsMax: REMOTE_CONNECTIONS_MAX, windowMs: WINDOW_MS, flappingMs: FLAPPING_MS },
    clientFlaps: CLIENT_FLAPS,
    refusesFlapping: true,
    // Ten times what a board can send.
    rate: { packetsPerSecond: 10_000, bytesPerSecond: 16 * 1024 * 1024 },
  },
  // Simulated fleets, tests and scripts run here, with a thousand connections at once and repeated client identifiers. A
  // program on this machine could do harm without the hub. A crash loop is reported but not refused: otherwise a person who
  // has just fixed an app would have to wait for the hub.
  loopback: {
    connectionsMax: CONNECTIONS_MAX,
    clientFlaps: CLIENT_FLAPS,
    refusesFlapping: false,
  },
};

/** The limit on the names that are kept. */
const NAME_CHARACTERS_MAX = 64;

/** An admitted connection. */
export interface Admission {
  /** The time by which CONNECT must be complete. */
  readonly connectByMs: number;
  /** The limit on reading; undefined for no limit. */
  readonly rate?: ReadRate;
  /** To be called once, when the connection has ended. */
  close(): void;
}

export type Entry = { readonly admission: Admission } | Denial;

/** A refusal. `isNew` is false if the same peer was refused just before, so that it need not be reported again. */
export interface Denial {
  readonly refusal: Refusal;
  readonly isNew: boolean;
}

/** The verdict on a CONNECT. */
export interface ConnectJudgement {
  /** Set if the client connects too often. */
  readonly flapping?: Denial;
  /** Whether CONNECT has to be refused. */
  readonly isRefused: boolean;
}

export class EdgeLimits {
  readonly #options: EdgeLimitsOptions;
  readonly #caps: ConnectionCaps;
  readonly #peers: Watches;
  readonly #clients: Watches;
  /** Peers that reached their limit on connections, until one of these closes. */
  readonly #crowded = new Set<string>();
  #isFull = false;

  constructor(options: EdgeLimitsOptions = EDGE_LIMITS) {
    const { remote, loopback } = options;
    this.#options = options;
    this.#caps = new ConnectionCaps(options.connectionsMax);
    this.#peers = { remote: watch(remote.peerFlaps), loopback: watch(loopback.peerFlaps) };
    this.#clients = { remote: watch(remote.clientFlaps), loopback: watch(loopback.clientFlaps) };
  }

  /** The number of open connections. */
  get openInAll(): number {
    return this.#caps.openInAll;
  }

  /** Called when the system has accepted a connection. */
  open(address: string, nowMs: number): Entry {
    const peer = peerOf(address);
    const limits = this.#options[originOf(address)];
    const cap = this.#caps.open(peer, limits.connectionsMax);
    if (cap === "peer") {
      return { refusal: tooManyOf(peer, limits.connectionsMax), isNew: this.#isNewlyCrowded(peer) };
    }
    if (cap === "all") return { refusal: tooMany(this.#options.connectionsMax), isNew: this.#isNewlyFull() };
    return { admission: this.#admit(peer, limits, nowMs) };
  }

  /** Called when a peer begins to speak MQTT: over TCP at once, over WebSocket after the upgrade. Returns undefined if it may. */
  begin(address: string, nowMs: number): Denial | undefined {
    const origin = originOf(address);
    const { peerFlaps, refusesFlapping } = this.#options[origin];
    const peer = peerOf(address);
    const flapping = this.#peers[origin]?.record(peer, nowMs);
    if (!peerFlaps || !flapping?.isFlapping || !refusesFlapping) return undefined;
    return denial(peer, peerFlaps, flapping, nowMs);
  }

  #admit(peer: string, limits: PeerLimits, nowMs: number): Admission {
    return {
      connectByMs: nowMs + this.#options.connectMsMax,
      ...(limits.rate ? { rate: new ReadRate(limits.rate, nowMs) } : {}),
      close: () => {
        this.#caps.close(peer);
        this.#crowded.delete(peer);
        this.#isFull = false;
      },
    };
  }

  /** Called for each CONNECT. Clients without a client identifier are not counted. */
  connect(address: string, clientId: string, nowMs: number): ConnectJudgement {
    const origin = originOf(address);
    const { clientFlaps, refusesFlapping } = this.#options[origin];
    const peer = peerOf(address);
    // The peer is part of the name, so that a peer cannot have another peer's client refused by using its identifier.
    const flapping =
      clientId === "" ? undefined : this.#clients[origin]?.record(shortName(`${peer} ${clientId}`), nowMs);
    if (!flapping?.isFlapping) return { isRefused: false };
    const name = `client ${JSON.stringify(clientId.slice(0, NAME_CHARACTERS_MAX))} at ${peer}`;
    return { flapping: denial(name, clientFlaps, flapping, nowMs), isRefused: refusesFlapping };
  }

  #isNewlyCrowded(peer: string): boolean {
    const isNew = !this.#crowded.has(peer);
    this.#crowded.add(peer);
    return isNew;
  }

  #isNewlyFull(): boolean {
    const isNew = !this.#isFull;
    this.#isFull = true;
    return isNew;
  }
}

type Origin = "remote" | "loopback";
type Watches = Readonly<Record<Origin, FlapWatch | undefined>>;

function originOf(address: string): Origin {
  return isLoopback(address) ? "loopback" : "remote";
}

function watch(rule: FlapRule | undefined): FlapWatch | undefined {
  return rule && new FlapWatch(rule);
}

function shortName(name: string): string {
  if (name.length <= NAME_CHARACTERS_MAX) return name;
  return createHash("sha256").update(name).digest("base64");
}

function denial(
  name: string,
  rule: FlapRule,
  { untilMs, isNew }: Extract<FlapVerdict, { isFlapping: true }>,
  nowMs: number,
): Denial {
  const seconds = Math.ceil((untilMs - nowMs) / 1000);
  const counted = `more than ${rule.connectsMax} times in ${rule.windowMs / 1000} s`;
  return {
    isNew,
    refusal: {
      rule: `${name} connected ${counted}, and is treated as flapping for another ${seconds} s`,
      remedy:
        "Look at its console. Likely causes are an app that crashes, or two clients that share a client identifier.",
    },
  };
}

function tooManyOf(peer: string, connectionsMax: number): Refusal {
  return {
    rule: `${peer} has ${connectionsMax} connections, the limit for one address`,
    remedy:
      "Close connections that are not needed. A client that reconnects has to close its old connection first.",
  };
}

function tooMany(connectionsMax: number): Refusal {
  return {
    rule: `the hub has ${connectionsMax} connections, its limit`,
    remedy: "Close connections that are not needed.",
  };
}
