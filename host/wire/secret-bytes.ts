/** Frames without the passwords in them. */
import { packetTypeOf } from "../mqtt/packet-types.ts";
import { explainFrame } from "./explain-frame.ts";

const ASTERISK = 0x2a;
/** Type, remaining length, `MQTT`, level, flags, keep alive, the length of the client identifier. */
const FIRST_FIELDS_BYTES = 14;

/** In a CONNECT that breaks MQTT, all that could be a password is taken for one. */
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
