/** A program with only the MQTT client, which it exports. */
import { connect } from "../../firmware/mqtt/client.ts";
import { publish, subscribe } from "../../firmware/mqtt/session.ts";

declare const global: { connect: unknown; publish: unknown; subscribe: unknown };
global.connect = connect;
global.publish = publish;
global.subscribe = subscribe;
