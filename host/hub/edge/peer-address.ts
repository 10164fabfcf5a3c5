/** The address of a peer as the hub's limits see it. */

/** Written before an IPv4 address by a socket that listens for both. */
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const NETWORK_GROUPS = 4;

/** A program on the hub's own machine. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(MAPPED, "");
  return plain === "::1" || /^127\.\d+\.\d+\.\d+$/.test(plain);
}

/**
 * What is counted as one peer. Of IPv6 that is the network of 64 bits, for each machine in it may take any address there;
 * but a link-local address counts for itself, since all machines of a link share that network.
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
