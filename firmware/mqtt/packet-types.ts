/** Types of the control packets that a hub sends [MQTT 3.1.1, 2.2.1], and first bytes of those without a body. */
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBACK = 9;
export const UNSUBACK = 11;
export const PINGRESP = 13;

/** [3.12] */
export const PINGREQ_BYTE = 0xc0;
/** [3.14] */
export const DISCONNECT_BYTE = 0xe0;

/** The return code of a SUBACK that refuses [MQTT-3.9.3-2]. Otherwise it is the granted QoS. */
export const SUBACK_FAILURE = 128;
