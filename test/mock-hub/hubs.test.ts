/** One suite says what a hub is: the mock hub, the local hub and Mosquitto are held to it. */
import { startHub } from "../../host/hub/hub.ts";
import { ALL_SCENARIOS, describeHub } from "../fixtures/hub-suite.ts";
import { serveMockHub } from "../fixtures/mock-hub-server.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";

describeHub({ name: "the mock hub", start: serveMockHub }, ALL_SCENARIOS);

describeHub(
  {
    name: "the local hub",
    start: () => startHub({ host: "127.0.0.1", port: 0, wsPort: 0 }),
    differences: {},
  },
  ALL_SCENARIOS,
);

if (hasProgram("mosquitto")) describeHub({ name: "Mosquitto", start: startMosquitto }, ALL_SCENARIOS);
