/** CONNACK [MQTT 3.1.1, 3.2]: the hub's answer to CONNECT. */

/** 0: accepted; 1: protocol version; 2: identifier rejected; 3: unavailable; 4: bad user name or password; 5: not authorized. */
export type ConnackReturnCode = number;

export interface Connack {
  readonly sessionPresent: boolean;
  readonly returnCode: ConnackReturnCode;
}

export function decodeConnack(body: string): Connack {
  return { sessionPresent: body.charCodeAt(0) === 1, returnCode: body.charCodeAt(1) };
}
