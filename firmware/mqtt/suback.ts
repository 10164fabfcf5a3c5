/** SUBACK [MQTT 3.1.1, 3.9]: the hub's answer to SUBSCRIBE, with a return code for each topic filter. */

/** The return code of the first topic filter. */
export function decodeSubackReturnCode(body: string): number {
  return body.charCodeAt(2);
}
