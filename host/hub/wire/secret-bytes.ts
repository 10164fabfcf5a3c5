/** Frames without the passwords in them. */

const CONNECT = 1;
const ASTERISK = 0x2a;
/** Type, remaining length, `MQTT`, level, flags, keep alive, the length of the client identifier. */
const FIRST_FIELDS_BYTES = 14;

/** Of CONNECT, whose last field is the password [MQTT-3.1.3-1]. */
export function withoutPassword(frame: Uint8Array, passwordBytes: number): Uint8Array {
  return passwordBytes === 0 ? frame : withoutBytes(frame, frame.length - passwordBytes);
}

/** Of what may be a CONNECT that nobody understands: what could be a password in it. */
export function withoutPasswords(frame: Uint8Array): Uint8Array {
  return (frame[0] ?? 0) >> 4 === CONNECT ? withoutBytes(frame, FIRST_FIELDS_BYTES) : frame;
}

function withoutBytes(frame: Uint8Array, from: number): Uint8Array {
  return Uint8Array.from(frame, (byte, offset) => (offset < from ? byte : ASTERISK));
}
