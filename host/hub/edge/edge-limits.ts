/**
 * What the hub allows a peer before and beside MQTT's own rules: how many connections stand, how soon CONNECT must come,
 * who connects too often, how fast is read. It is told what happens and when, and keeps a bounded amount whoever comes;
 * it closes nothing itself.
 */
import { createHash } from "node:crypto";
import type { Refusal } from "../../broker/policy.ts";
import { ConnectionCaps } from "./connection-caps.ts";
import { type FlapRule, type FlapVerdict, FlapWatch } from "./flap-watch.ts";
import { isLoopback, peerOf } from "./peer-address.ts";
import { type Rate, ReadRate } from "./read-rate.ts";

/** What is allowed to peers of one kind. */
export interface PeerLimits {
  readonly connectionsMax: number;
  /** Of the peer: connections that it begins, whatever comes by them. Left out: as many as it likes. */
  readonly peerFlaps?: FlapRule;
  /** Of a client identifier at the peer: CONNECTs. */
  readonly clientFlaps: FlapRule;
  /** False: who flaps is told of, and served. */
  readonly refusesFlapping: boolean;
  /** Left out: as fast as the hub can. */
  readonly rate?: Rate;
}

export interface EdgeLimitsOptions {
  readonly connectionsMax: number;
  /** From the accepted connection to a whole CONNECT; trickled bytes do not extend it. */
  readonly connectMsMax: number;
  readonly remote: PeerLimits;
  /** Of programs on the hub's own machine. */
  readonly loopback: PeerLimits;
}

const CONNECTIONS_MAX = 10_000;
const REMOTE_CONNECTIONS_MAX = 200;
const WINDOW_MS = 60_000;
const FLAPPING_MS = 5 * 60_000;
/** One every four seconds, for a minute: no board's retry schedule does that for so long. */
const CLIENT_FLAPS: FlapRule = { connectsMax: 15, windowMs: WINDOW_MS, flappingMs: FLAPPING_MS };

export const EDGE_LIMITS: EdgeLimitsOptions = {
  connectionsMax: CONNECTIONS_MAX,
  connectMsMax: 5_000,
  remote: {
    connectionsMax: REMOTE_CONNECTIONS_MAX,
    // So that all the connections that it may have can be made anew, as when boards behind one router get power at once.
    peerFlaps: { connectsMax: REMOTE_CONNECTIONS_MAX, windowMs: WINDOW_MS, flappingMs: FLAPPING_MS },
    clientFlaps: CLIENT_FLAPS,
    refusesFlapping: true,
    // Ten times what a board can send.
    rate: { packetsPerSecond: 10_000, bytesPerSecond: 16 * 1024 * 1024 },
  },
  // Simulated fleets, tests and scripts come from there, with a thousand connections at once and one identifier again and
  // again; and a program on this machine needs no hub to do it harm. A crash loop is still told of, but not refused: whoever
  // has just mended his app would have to wait for the hub.
  loopback: {
    connectionsMax: CONNECTIONS_MAX,
    clientFlaps: CLIENT_FLAPS,
    refusesFlapping: false,
  },
};

/** Names that limits keep are not longer. */
const NAME_CHARACTERS_MAX = 64;

/** A connection that may come in. */
export interface Admission {
  /** By then CONNECT must have come whole. */
  readonly connectByMs: number;
  /** Left out: it is read as fast as it comes. */
  readonly rate?: ReadRate;
  /** Owed once, when the connection has ended. */
  close(): void;
}

export type Entry = { readonly admission: Admission } | Denial;

/** Not to be let in. `isNew`: not said of the same peer just before, and so worth telling. */
export interface Denial {
  readonly refusal: Refusal;
  readonly isNew: boolean;
}

/** Of a CONNECT. */
export interface ConnectJudgement {
  /** It connects too often. */
  readonly flapping?: Denial;
  /** It is to be answered with a refusal. */
  readonly isRefused: boolean;
}

export class EdgeLimits {
  readonly #options: EdgeLimitsOptions;
  readonly #caps: ConnectionCaps;
  readonly #peers: Watches;
  readonly #clients: Watches;
  /** Peers that were turned away for want of room and have had none since. No more than have connections. */
  readonly #crowded = new Set<string>();
  #isFull = false;

  constructor(options: EdgeLimitsOptions = EDGE_LIMITS) {
    const { remote, loopback } = options;
    this.#options = options;
    this.#caps = new ConnectionCaps(options.connectionsMax);
    this.#peers = { remote: watch(remote.peerFlaps), loopback: watch(loopback.peerFlaps) };
    this.#clients = { remote: watch(remote.clientFlaps), loopback: watch(loopback.clientFlaps) };
  }

  /** Connections that stand. */
  get openInAll(): number {
    return this.#caps.openInAll;
  }

  /** A connection was accepted by the system. */
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

  /** Somebody is about to speak MQTT: over TCP at once, over WebSocket behind the upgrade. Undefined: he may. */
  begin(address: string, nowMs: number): Denial | undefined {
    const origin = originOf(address);
    const { peerFlaps, refusesFlapping } = this.#options[origin];
    const peer = peerOf(address);
    const steadiness = this.#peers[origin]?.meet(peer, nowMs);
    if (!peerFlaps || !steadiness?.isFlapping || !refusesFlapping) return undefined;
    return denial(peer, peerFlaps, steadiness, nowMs);
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

  /** CONNECT came. Who leaves his identifier to the hub has none to be counted by. */
  connect(address: string, clientId: string, nowMs: number): ConnectJudgement {
    const origin = originOf(address);
    const { clientFlaps, refusesFlapping } = this.#options[origin];
    const peer = peerOf(address);
    // With its peer, so that nobody can have another's client refused by using its identifier.
    const steadiness =
      clientId === "" ? undefined : this.#clients[origin]?.meet(shortName(`${peer} ${clientId}`), nowMs);
    if (!steadiness?.isFlapping) return { isRefused: false };
    const name = `client ${JSON.stringify(clientId.slice(0, NAME_CHARACTERS_MAX))} at ${peer}`;
    return { flapping: denial(name, clientFlaps, steadiness, nowMs), isRefused: refusesFlapping };
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
      rule: `${name} connects ${counted}; it counts as flapping for ${seconds} s more`,
      remedy:
        "Look at its console: an app that crashes, or two clients of one identifier that throw each other out, connect so.",
    },
  };
}

function tooManyOf(peer: string, connectionsMax: number): Refusal {
  return {
    rule: `${peer} has ${connectionsMax} connections, as many as one address may have`,
    remedy:
      "Close those that are not needed; a client that reconnects has to close its old connection first.",
  };
}

function tooMany(connectionsMax: number): Refusal {
  return {
    rule: `the hub has ${connectionsMax} connections, as many as it may have`,
    remedy: "Close those that are not needed.",
  };
}
