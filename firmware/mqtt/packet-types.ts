/** First bytes of the control packets: type and flags [MQTT 3.1.1, 2.2]. */
export const CONNECT = 0x10;
export const CONNACK = 0x20;
/** The type of PUBLISH, without DUP, QoS and RETAIN, which its flags carry [3.3.1]. */
export const PUBLISH = 0x30;
export const PUBACK = 0x40;
export const PUBREC = 0x50;
export const PUBREL = 0x62;
export const PUBCOMP = 0x70;
export const SUBSCRIBE = 0x82;
export const SUBACK = 0x90;
export const UNSUBSCRIBE = 0xa2;
export const UNSUBACK = 0xb0;
export const PINGREQ = 0xc0;
export const PINGRESP = 0xd0;
export const DISCONNECT = 0xe0;

/** PUBLISH's flag for a packet that was sent before [MQTT-3.3.1-1]. */
export const DUP = 8;
/** PUBLISH's flag for a message that the hub keeps [3.3.1.3]. */
export const RETAIN = 1;
/** PUBLISH's flag for QoS 2 [3.3.1.2]. */
export const QOS_2 = 4;
/** The return code of a SUBACK that refuses [MQTT-3.9.3-2]. Otherwise it is the granted QoS. */
export const SUBACK_FAILURE = 128;
