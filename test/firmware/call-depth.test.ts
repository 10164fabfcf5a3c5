/**
 * The depth of the reference firmware's calls on the real interpreter, whose stack on an ESP32-C3 holds 20 plain calls. Its
 * bundle is instrumented: each function counts when it is entered, and left.
 */
import { types as t, transformSync } from "@babel/core";
import { connectAsync } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import { bootBoard } from "../../host/simulator/engines/boot-board.ts";
import { simulatedConfiguration } from "../../host/simulator/engines/simulated-configuration.ts";
import { startMosquitto } from "../fixtures/mosquitto.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { buildAppOnce } from "../fixtures/run/built-once.ts";
import { until } from "../fixtures/waiting.ts";

const CALLS_MAX = 12;

const COUNT_CALLS = `var $depth=0,$deepest=0;
function $in(){if(++$depth>$deepest)print("~depth "+($deepest=$depth))}
function $out(){$depth--}
`;

function instrument(app: Uint8Array): Buffer {
  const call = (name: string): t.Statement => t.expressionStatement(t.callExpression(t.identifier(name), []));
  const code = transformSync(Buffer.from(app).toString(), {
    configFile: false,
    babelrc: false,
    sourceType: "script",
    plugins: [
      {
        visitor: {
          Function({ node }) {
            const body = t.toBlock(node.body as t.Statement, node);
            node.body = t.blockStatement([
              call("$in"),
              t.tryStatement(body, null, t.blockStatement([call("$out")])),
            ]);
          },
        },
      },
    ],
  })?.code;
  return Buffer.from(COUNT_CALLS + code);
}

const ASK_AGAIN_MS = 1_000;

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** The deepest of the firmware's calls from its start to a command after its hub was stopped and started again. */
async function deepestOfALife(): Promise<number> {
  const mosquitto = await startMosquitto();
  cleanUps.push(() => mosquitto.close());
  const board = loadBoard("linux");
  const app = await buildAppOnce(findEntry(undefined, "/"), board);
  const lines: string[] = [];
  const simulated = await bootBoard({
    board,
    app: instrument(app),
    configuration: simulatedConfiguration(board, { host: "127.0.0.1", port: mosquitto.port }, "dev"),
    engine: "espruino",
    onLine: (line) => lines.push(line),
    onPin: () => undefined,
    onExit: () => undefined,
  });
  cleanUps.push(() => simulated.stop());
  const connections = () => lines.filter((line) => line.startsWith("~mk connected")).length;
  const command = async (name: string, payload: string): Promise<void> => {
    const hub = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 0 });
    const outcomes: string[] = [];
    hub.on("message", (_topic, outcome) => outcomes.push(outcome.toString()));
    await hub.subscribeAsync(`devices/dev/event/${name}`, { qos: 1 });
    const ask = () => hub.publish(`devices/dev/command/${name}`, payload, { qos: 1 });
    ask();
    // A hub that was started anew has no session: what comes before the device has subscribed is lost.
    const asking = setInterval(ask, ASK_AGAIN_MS);
    await until(`the outcome of ${name} ${payload}`, () => outcomes.length > 0).finally(() =>
      clearInterval(asking),
    );
    await hub.endAsync();
  };

  await until("the connection", () => connections() === 1);
  await command("interval", "1");
  await command("led", '"no boolean"');
  await mosquitto.stop();
  await until("its end", () => lines.some((line) => line.startsWith("~mk disconnected")));
  await mosquitto.start();
  await until("the next connection", () => connections() === 2);
  await command("led", "true");
  return Math.max(0, ...lines.map((line) => Number(/^~depth (\d+)$/.exec(line)?.[1] ?? 0)));
}

describe.skipIf(!hasProgram("mosquitto") || !hasProgram("espruino"))("on Espruino", () => {
  it("the reference firmware calls at most 12 deep", async () => {
    const deepest = await deepestOfALife();
    // A message that goes out on connection is several calls below the socket's event.
    expect(deepest).toBeGreaterThan(6);
    expect(deepest).toBeLessThanOrEqual(CALLS_MAX);
  });
});
