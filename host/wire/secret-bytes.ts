/** Removes passwords from frames. */
import { packetTypeOf } from "../mqtt/packet-types.ts";
import { explainFrame } from "./explain-frame.ts";

const ASTERISK = 0x2a;
/** The bytes before the client identifier: type, remaining length, `MQTT`, level, flags, keep alive, and its length. */
const FIRST_FIELDS_BYTES = 14;

/** Replaces a CONNECT's password by asterisks. If the packet breaks MQTT, all bytes that could be a password are replaced. */
export function withoutPassword(frame: Uint8Array): Uint8Array {
  if (packetTypeOf(frame[0] ?? 0)?.type !== "connect") return frame;
  const { fields, violation } = explainFrame(frame, "in");
  const password = fields.find(({ name }) => name === "Password");
  if (violation !== undefined)
    return withoutBytes(frame, password?.offset ?? FIRST_FIELDS_BYTES, frame.length);
  return password ? withoutBytes(frame, password.offset, password.offset + password.length) : frame;
}

function withoutBytes(frame: Uint8Array, start: number, end: number): Uint8Array {
  return Uint8Array.from(frame).fill(ASTERISK, start, end);
}
