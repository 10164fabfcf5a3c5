/**
 * Finds the packets in a stream of chunks that are split anywhere. One reader serves one connection, so that no
 * byte of a packet that was cut off can reach the next.
 *
 * Chunks of an unfinished packet are kept in a list and joined once, when the packet is whole: appending to a
 * string costs Espruino its whole length each time.
 */

/** Returns false to have the rest of the stream thrown away: the connection is over. */
export type OnPacket = (firstByte: number, body: string) => boolean;

export function createPacketReader(
  packetSizeBytesMax: number,
  onPacket: OnPacket,
  onMalformed: (reason: string) => void,
): (chunk: string) => void {
  let parts: string[] = [];
  let heldBytes = 0;
  let neededBytes = 0;

  function hold(rest: string, needed: number): void {
    parts = [rest];
    heldBytes = rest.length;
    neededBytes = needed;
  }

  return (chunk) => {
    let bytes = chunk;
    if (heldBytes) {
      parts.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes < neededBytes) return;
      bytes = parts.join("");
      parts = [];
      heldBytes = 0;
    }
    let start = 0;
    while (start < bytes.length) {
      let at = start;
      let remainingLength = 0;
      let shift = 0;
      let byte = 128;
      while (byte > 127) {
        if (++at >= bytes.length) return hold(bytes.substring(start), at - start + 1);
        byte = bytes.charCodeAt(at);
        remainingLength |= (byte & 127) << shift;
        shift += 7;
        // At most four bytes [MQTT 3.1.1, 2.2.3].
        if (shift > 28 || remainingLength > packetSizeBytesMax) return onMalformed("packet too large");
      }
      const end = at + 1 + remainingLength;
      if (end > bytes.length) return hold(bytes.substring(start), end - start);
      if (!onPacket(bytes.charCodeAt(start), bytes.substring(at + 1, end))) return;
      start = end;
    }
  };
}
