/** A program with the MQTT client, as in client-alone.ts, and the functions that set its limits. */
import { connect, publish, setLimits, subscribe } from "../fixtures/whole-client.ts";

declare const global: { mqtt: unknown };
global.mqtt = { connect, publish, subscribe, setLimits };
