/**
 * An MQTT 3.1.1 client for one hub: one connection at a time, and the session that outlives it.
 *
 * The session is the set of subscriptions and the outbox: messages of QoS 1 from `publish` to their PUBACK. Each
 * new connection sends them again, in order and marked DUP [MQTT-4.4.0-1, MQTT-4.6.0-1]. The outbox has a bound in
 * bytes; beyond it `publish` refuses.
 *
 * The client does not reconnect: `onDown` comes once for each `connect`, and whoever owns the client calls
 * `connect` again when it sees fit. It does not interpret payloads, which are byte strings.
 */
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import { PACKET_IDENTIFIER_MAX } from "./limits.ts";
import { createOutbox } from "./outbox.ts";
import { decodePacketIdentifier, encodePacket } from "./packet.ts";
import { DISCONNECT_BYTE, PUBACK, PUBLISH, SUBACK, SUBACK_FAILURE, UNSUBACK } from "./packet-types.ts";
import { encodePuback } from "./puback.ts";
import { decodePublish, encodePublish, type Publish } from "./publish.ts";
import { decodeSubackReturnCode } from "./suback.ts";
import { createSubscriptions } from "./subscriptions.ts";

export interface ClientOptions extends ConnectionOptions {
  /** Bytes that may wait for their PUBACK, and bytes that may wait in the socket. */
  readonly outboxSizeBytesMax: number;
  /** CONNACK accepted; subscriptions and outbox are being sent again. */
  readonly onUp: (sessionPresent: boolean) => void;
  /** The connection ended, or never stood. `returnCode` is that of a CONNACK that refused, else 0. */
  readonly onDown: (reason: string, returnCode: number) => void;
  /** Called before the message is acknowledged. If it throws, the exception is uncaught, like any handler's. */
  readonly onMessage: (message: Publish) => void;
  /** The hub refused a subscription [MQTT-3.9.3-2]. */
  readonly onSubscribeRefused: (topicFilter: string) => void;
}

export interface Client {
  /** Opens a connection, unless there is one. Ends in `onUp` and later `onDown`, or in `onDown` alone. */
  connect(): void;
  /** Ends the connection, if there is one. With DISCONNECT the hub forgets the will. `onDown` follows. */
  disconnect(reason: string, withPacket: boolean): void;
  /** False where the message was refused: at QoS 0 without a connection, or for want of room. */
  publish(
    topicName: string,
    payload: string,
    qos: 0 | 1,
    retain: boolean,
    onAcknowledged?: () => void,
  ): boolean;
  /** Kept over reconnections. */
  subscribe(topicFilter: string, qos: 0 | 1): void;
  unsubscribe(topicFilter: string): void;
}

/** Calls what is the app's. An exception must not end the handling of the packets that follow in the same chunk. */
function callGuarded<T>(handler: (argument: T) => void, argument: T): void {
  try {
    handler(argument);
  } catch (error) {
    setTimeout(() => {
      throw error;
    }, 0);
  }
}

export function createClient(options: ClientOptions): Client {
  let connection: Connection | undefined;
  let isUp = false;
  let lastIdentifier = 0;

  const send = (packet: string): boolean => isUp && (connection as Connection).send(packet, Infinity);
  const outbox = createOutbox(options.outboxSizeBytesMax, send);
  const takeIdentifier = (): number => {
    do {
      lastIdentifier = (lastIdentifier % PACKET_IDENTIFIER_MAX) + 1;
    } while (outbox.has(lastIdentifier) || subscriptions.has(lastIdentifier));
    return lastIdentifier;
  };
  const subscriptions = createSubscriptions(takeIdentifier, send);

  const onUp = (sessionPresent: boolean): void => {
    isUp = true;
    subscriptions.sendAll();
    outbox.sendAll();
    options.onUp(sessionPresent);
  };

  const onDown = (reason: string, returnCode: number): void => {
    isUp = false;
    connection = undefined;
    options.onDown(reason, returnCode);
  };

  const onPacket = (firstByte: number, body: string): boolean => {
    const type = firstByte >> 4;
    const identifier = decodePacketIdentifier(body);
    if (type === PUBLISH) {
      const message = decodePublish(firstByte, body);
      // The hub may not exceed the QoS of the subscriptions [MQTT-3.8.4-6], which is 1 at most.
      if (message.qos > 1) return false;
      callGuarded(options.onMessage, message);
      if (message.qos) send(encodePuback(message.packetIdentifier));
    } else if (type === PUBACK) {
      const onAcknowledged = outbox.remove(identifier);
      if (onAcknowledged) callGuarded(onAcknowledged, undefined);
    } else if (type === SUBACK || type === UNSUBACK) {
      const topicFilter = subscriptions.acknowledge(identifier);
      if (topicFilter && type === SUBACK && decodeSubackReturnCode(body) === SUBACK_FAILURE) {
        callGuarded(options.onSubscribeRefused, topicFilter);
      }
    } else {
      return false;
    }
    return true;
  };

  return {
    connect: () => {
      if (!connection) connection = openConnection(options, { onUp, onDown, onPacket });
    },
    disconnect: (reason, withPacket) => {
      if (withPacket) send(encodePacket(DISCONNECT_BYTE, ""));
      if (connection) connection.end(reason);
    },
    publish: (topicName, payload, qos, retain, onAcknowledged) => {
      if (!qos) {
        const packet = encodePublish(topicName, payload, 0, retain, 0);
        return isUp && (connection as Connection).send(packet, options.outboxSizeBytesMax);
      }
      const identifier = takeIdentifier();
      return outbox.add(
        identifier,
        encodePublish(topicName, payload, qos, retain, identifier),
        onAcknowledged,
      );
    },
    subscribe: (topicFilter, qos) => subscriptions.set(topicFilter, qos),
    unsubscribe: (topicFilter) => subscriptions.set(topicFilter, undefined),
  };
}
