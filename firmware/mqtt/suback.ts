/** SUBACK [MQTT 3.1.1, 3.9]: the hub's answer to SUBSCRIBE, with a return code for each topic filter. */

/** The hub refused the subscription [MQTT-3.9.3-2]. Otherwise the return code is the granted QoS. */
export const SUBACK_FAILURE = 128;

/** The return code of the first topic filter. */
export function decodeSubackReturnCode(body: string): number {
  return body.charCodeAt(2);
}
