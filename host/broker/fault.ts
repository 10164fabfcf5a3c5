/** What a client does that MQTT 3.1.1 forbids. */

export const RETURN_CODE = {
  accepted: 0,
  unacceptableProtocol: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badCredentials: 4,
  notAuthorized: 5,
} as const;

/** Thrown where a stream is read, and caught by its reader: the connection is to be closed. */
export class ProtocolFault extends Error {
  /** Of the CONNACK that answers first; undefined where nothing is answered. */
  readonly returnCode: number | undefined;

  /** `reason` names what came, such as "a PUBLISH of QoS 3". */
  constructor(reason: string, returnCode?: number) {
    super(reason);
    this.returnCode = returnCode;
  }
}
