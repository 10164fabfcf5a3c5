/** The MQTT client and nothing else, as a program that gives it to whoever loads it. */
import { createClient } from "../../firmware/mqtt/client.ts";

declare const global: { createClient: unknown };
global.createClient = createClient;
