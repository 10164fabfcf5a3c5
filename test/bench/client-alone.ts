/** The MQTT client and nothing else, as a program that gives it to whoever loads it. */
import { connect } from "../../firmware/mqtt/client.ts";
import { publish, subscribe } from "../../firmware/mqtt/session.ts";

declare const global: { connect: unknown; publish: unknown; subscribe: unknown };
global.connect = connect;
global.publish = publish;
global.subscribe = subscribe;
