/** The topic filters that the device wants, kept over reconnections, and the requests for them under way. */
import type { Send } from "./outbox.ts";
import { encodeSubscribe, encodeUnsubscribe } from "./subscribe.ts";

export interface Subscriptions {
  has(packetIdentifier: number): boolean;
  /** `qos` undefined: unsubscribes. */
  set(topicFilter: string, qos: 0 | 1 | undefined): void;
  /** On a new connection, whose hub knows of no request under way. */
  sendAll(): void;
  /** SUBACK or UNSUBACK came. Returns the topic filter that it answers. */
  acknowledge(packetIdentifier: number): string | undefined;
}

export function createSubscriptions(takeIdentifier: () => number, send: Send): Subscriptions {
  const wanted: { [topicFilter: string]: 0 | 1 | undefined } = {};
  let requests: { [packetIdentifier: number]: string } = {};

  const request = (topicFilter: string): void => {
    const qos = wanted[topicFilter];
    const identifier = takeIdentifier();
    const wasSent = send(
      qos === undefined
        ? encodeUnsubscribe(identifier, topicFilter)
        : encodeSubscribe(identifier, topicFilter, qos),
    );
    if (wasSent) requests[identifier] = topicFilter;
  };

  return {
    has: (packetIdentifier) => packetIdentifier in requests,
    set: (topicFilter, qos) => {
      if (qos === undefined) delete wanted[topicFilter];
      else wanted[topicFilter] = qos;
      request(topicFilter);
    },
    sendAll: () => {
      requests = {};
      for (const topicFilter in wanted) request(topicFilter);
    },
    acknowledge: (packetIdentifier) => {
      const topicFilter = requests[packetIdentifier];
      delete requests[packetIdentifier];
      return topicFilter;
    },
  };
}
