/** CONNECT, as a policy and the exchange of messages see it. */
import type { ConnectPacket } from "./client-packets.ts";
import type { Message } from "./message.ts";
import type { ConnectRequest, Link } from "./policy.ts";

export function connectRequest(link: Link, packet: ConnectPacket): ConnectRequest {
  const will = willOf(packet);
  return {
    clientId: packet.clientId,
    cleanSession: packet.clean ?? true,
    link,
    ...(packet.username === undefined ? {} : { userName: packet.username }),
    ...(packet.password === undefined ? {} : { password: packet.password }),
    ...(will ? { will } : {}),
  };
}

export function willOf({ will }: ConnectPacket): Message | undefined {
  if (!will) return undefined;
  const { topic, payload, qos = 0, retain = false } = will;
  return { topic, payload, qos, retain };
}
