/** One suite of hub behaviour, run on the mock hub, the local hub and Mosquitto. */
import { startHub } from "../../host/hub/hub.ts";
import { protocolScenarios, sessionScenarios } from "../fixtures/hub-session-scenarios.ts";
import { describeHub, messageScenarios, retainedScenarios } from "../fixtures/hub-suite.ts";
import { serveMockHub } from "../fixtures/mock-hub-server.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";

const ALL_SCENARIOS = [messageScenarios, retainedScenarios, sessionScenarios, protocolScenarios];

describeHub({ name: "the mock hub", start: serveMockHub }, ALL_SCENARIOS);

describeHub(
  { name: "the local hub", start: () => startHub({ host: "127.0.0.1", port: 0, wsPort: 0 }) },
  ALL_SCENARIOS,
);

if (hasProgram("mosquitto")) {
  describeHub(
    {
      name: "Mosquitto",
      start: startMosquitto,
      differences: {
        "a packet that a hub sends ends the connection":
          "Mosquitto accepts PINGRESP from clients, because a bridge is a client and a hub",
      },
    },
    ALL_SCENARIOS,
  );
}
