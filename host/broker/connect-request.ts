/** Converts CONNECT into the forms that the policy and the exchange use. */
import type { Message } from "./message.ts";
import type { ConnectPacket } from "./packets.ts";
import type { ConnectRequest, Link } from "./policy.ts";

export function connectRequest(link: Link, packet: ConnectPacket): ConnectRequest {
  const { clientIdentifier, cleanSession, userName, password } = packet;
  const will = willOf(packet);
  return {
    clientId: clientIdentifier,
    cleanSession,
    link,
    ...(userName === undefined ? {} : { userName }),
    ...(password === undefined ? {} : { password }),
    ...(will ? { will } : {}),
  };
}

export function willOf({ will }: ConnectPacket): Message | undefined {
  if (!will) return undefined;
  const { topicName, payload, qos, retain } = will;
  // A copy, because the will outlives the buffer that it was read from.
  return { topic: topicName, payload: Buffer.from(payload), qos, retain };
}
