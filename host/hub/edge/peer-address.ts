/** Normalizes the address of a peer for the hub's limits. */

/** The prefix of an IPv4 address at a socket that listens for IPv4 and IPv6. */
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const NETWORK_GROUPS = 4;

/** Whether the peer is a program on the hub's own machine. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(MAPPED, "");
  return plain === "::1" || /^127\.\d+\.\d+\.\d+$/.test(plain);
}

/**
 * The name under which connections are counted as one peer. For IPv6 it is the /64 network, because a machine may use any
 * address in it. A link-local address stands for itself, because all machines of a link share that network.
 */
export function peerOf(address: string): string {
  const plain = address.replace(MAPPED, "");
  if (!plain.includes(":") || plain === "::1" || /^fe[89ab]/i.test(plain)) return plain;
  const [head = "", tail] = plain.split("::") as [string, string?];
  const groups = head === "" ? [] : head.split(":");
  const tailGroups = tail ? tail.split(":").length : 0;
  if (tail !== undefined) groups.push(...Array(8 - groups.length - tailGroups).fill("0"));
  if (tail) groups.push(...tail.split(":"));
  return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
