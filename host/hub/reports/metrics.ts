/**
 * Counts the events and the traffic of a hub, in total and for each client. The broker has the traffic of open connections;
 * that of ended connections is summed up here.
 */

import type { Broker } from "../../broker/broker.ts";
import type { BrokerEvent } from "../../broker/broker-event.ts";
import type { Traffic } from "../../broker/connection.ts";
import type { HubMetrics, LastRefusal, LinkKind } from "../../control/hub-metrics.ts";

/** Beyond this number the least recently active clients are dropped. Their counts stay in the totals. */
const CLIENTS_MAX = 10_000;

type Counts = Traffic & {
  connectedMs: number | undefined;
  endedMs: number | undefined;
  linkKind: LinkKind | undefined;
  isOwner: boolean;
  connects: number;
  refusals: number;
  denials: number;
  lastRefusal: LastRefusal | undefined;
};

export class Metrics {
  readonly #broker: Broker;
  readonly #now: () => number;
  readonly #deviceRevision: () => number;
  readonly #startedMs: number;
  readonly #clients = new Map<string, Counts>();
  readonly #sums = { ...noTraffic(), connects: 0, refusals: 0, denials: 0, overflows: 0 };

  /** `now` returns the time like `Date.now`. */
  constructor(broker: Broker, now: () => number, deviceRevision: () => number) {
    this.#broker = broker;
    this.#now = now;
    this.#deviceRevision = deviceRevision;
    this.#startedMs = now();
  }

  onEvent(event: BrokerEvent): void {
    switch (event.kind) {
      case "connected": {
        const counts = this.#countsOf(event.client.id);
        counts.connects++;
        counts.connectedMs = this.#now();
        counts.linkKind = event.link.kind;
        counts.isOwner = event.client.isOwner === true;
        this.#sums.connects++;
        break;
      }
      case "ended": {
        const counts = this.#countsOf(event.client.id);
        counts.endedMs = this.#now();
        add(counts, event.traffic);
        add(this.#sums, event.traffic);
        break;
      }
      case "turned away": {
        this.#sums.refusals++;
        if (event.clientId === undefined) break;
        const counts = this.#countsOf(event.clientId);
        counts.refusals++;
        counts.linkKind = event.link.kind;
        counts.lastRefusal = { ...event.refusal, atMs: this.#now(), packet: "connect" };
        break;
      }
      case "denied": {
        const counts = this.#countsOf(event.client.id);
        counts.denials++;
        counts.lastRefusal = { ...event.refusal, atMs: this.#now(), packet: event.packet };
        this.#sums.denials++;
        break;
      }
      case "overflowed":
        this.#sums.overflows++;
        break;
    }
  }

  /** Returns the counts of a client and moves it to the end, so that the map is in the order of activity. */
  #countsOf(clientId: string): Counts {
    const counts = this.#clients.get(clientId) ?? {
      ...noTraffic(),
      connectedMs: undefined,
      endedMs: undefined,
      linkKind: undefined,
      isOwner: false,
      connects: 0,
      refusals: 0,
      denials: 0,
      lastRefusal: undefined,
    };
    this.#clients.delete(clientId);
    this.#clients.set(clientId, counts);
    if (this.#clients.size > CLIENTS_MAX) {
      const [longestAway] = this.#clients.keys();
      if (longestAway !== undefined) this.#clients.delete(longestAway);
    }
    return counts;
  }

  read(): HubMetrics {
    const { exchange } = this.#broker;
    const live = new Map<string, Traffic>();
    const sums = { ...this.#sums };
    let connections = 0;
    for (const { client, traffic } of this.#broker.connected()) {
      connections++;
      add(sums, traffic);
      const known = live.get(client.id) ?? noTraffic();
      add(known, traffic);
      live.set(client.id, known);
    }
    const clients = [...this.#clients].map(([clientId, counts]) => {
      const traffic = live.get(clientId);
      const read = { ...counts, clientId, isConnected: traffic !== undefined };
      if (traffic) add(read, traffic);
      return read;
    });
    return {
      ...sums,
      uptimeSeconds: (this.#now() - this.#startedMs) / 1000,
      connections,
      sessions: exchange.sessions.size,
      retained: { ...exchange.retained },
      queued: { ...exchange.queued },
      deviceRevision: this.#deviceRevision(),
      clients,
    };
  }
}

function noTraffic(): Traffic {
  return { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0 };
}

function add(sum: Traffic, traffic: Readonly<Traffic>): void {
  sum.bytesIn += traffic.bytesIn;
  sum.bytesOut += traffic.bytesOut;
  sum.messagesIn += traffic.messagesIn;
  sum.messagesOut += traffic.messagesOut;
}
