/** The end of a subscription, as an app has it, on both engines: the listener's, the hub's, with and without a connection. */
import { beforeAll, describe, expect, it } from "vitest";
import { ENGINES, type Engine } from "../../host/simulator/board-api/simulated-board.ts";
import { createWorld } from "../../host/testing/testing.ts";
import type { World } from "../../host/testing/world.ts";
import { HOME } from "../fixtures/connected-world.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";

const BUILDS_MS_MAX = 60_000;
const AWAY_S = 20;

/** The first listener of `a/#` ends that subscription when it is told to; the app does the same at `AWAY_S`. */
const appText = (keepSession: boolean): string => `
import { log, onCommand, start, subscribe, unsubscribe } from "motekit";
subscribe("a/#", 1, ({ payload }) => {
  log("first " + payload);
  if (payload === "stop") log("stopped " + unsubscribe("a/#"));
});
subscribe("a/#", 1, ({ payload }) => log("second " + payload));
subscribe("a/b", 1, ({ payload }) => log("b " + payload));
onCommand("unsubscribe", (filter) => unsubscribe(filter as string));
onCommand("subscribe", (filter) => {
  subscribe(filter as string, 1, ({ payload }) => log("again " + payload));
  return true;
});
setTimeout(() => unsubscribe("a/#"), ${AWAY_S * 1000});
start({ keepSession: ${keepSession} });
`;

describe.each<Engine>([...ENGINES])("unsubscribe on the engine %s", { timeout: BUILDS_MS_MAX }, (engine) => {
  let app: Uint8Array;
  let keeping: Uint8Array;

  beforeAll(async () => {
    app = await buildAppText(appText(false), "esp32");
    keeping = await buildAppText(appText(true), "esp32");
  }, BUILDS_MS_MAX);

  const maybe = it.skipIf(engine === "espruino" && !hasProgram("espruino"));

  async function connected(bundle: Uint8Array): Promise<World> {
    const world = await createWorld({ board: "esp32", app: bundle, engine, keepsTranscript: true });
    world.boot(HOME);
    await world.advance("3 s");
    expect(world.hub.isConnected("dev")).toBe(true);
    return world;
  }

  async function publish(world: World, topic: string, payload: string): Promise<void> {
    world.hub.publish(topic, payload, { qos: 1 });
    await world.advance("1 s");
  }

  const said = ({ board }: World) =>
    board.lines.flatMap((line) => (line.startsWith("~mk log ") ? [line.slice("~mk log ".length)] : []));

  /** Connection, direction and packet. */
  const packets = (world: World, cmd: string) =>
    world.packetTrace().flatMap((line) => {
      const [, found] = new RegExp(`dev (#\\d+ [<>] ${cmd}\\b.*)`).exec(line) ?? [];
      return found ? [found] : [];
    });

  maybe("calls no listener of the filter any more, not even for the message at hand", async () => {
    const world = await connected(app);
    await publish(world, "a/x", "one");
    await publish(world, "a/b", "stop");
    await publish(world, "a/x", "two");
    await publish(world, "a/b", "three");
    world.close();
    expect(said(world)).toEqual([
      "first one",
      "second one",
      "first stop",
      "stopped true",
      "b stop",
      "b three",
    ]);
    expect(packets(world, "unsubscribe")).toEqual([expect.stringMatching(/^#1 > unsubscribe \d+$/)]);
    expect(packets(world, "unsuback")).toHaveLength(1);
  });

  maybe("without a connection is told to a hub that has kept the session, at the next one", async () => {
    const world = await connected(keeping);
    world.network.refuse(`${AWAY_S + 10} s`);
    world.network.cut();
    await world.advance(`${AWAY_S + 60} s`);
    expect(world.hub.isConnected("dev")).toBe(true);
    await publish(world, "a/x", "late");
    await publish(world, "a/b", "still");
    world.close();
    expect(said(world)).toEqual(["b still"]);
    expect(packets(world, "unsubscribe")).toEqual([expect.stringMatching(/^#(?!1 )\d+ > unsubscribe \d+$/)]);
    expect(packets(world, "subscribe").every((packet) => packet.startsWith("#1 "))).toBe(true);
  });

  maybe(
    "without a connection is not told to a hub that keeps no session: it is not subscribed again",
    async () => {
      const world = await connected(app);
      world.network.refuse(`${AWAY_S + 10} s`);
      world.network.cut();
      await world.advance(`${AWAY_S + 60} s`);
      await publish(world, "a/x", "late");
      await publish(world, "a/b", "still");
      world.close();
      expect(said(world)).toEqual(["b still"]);
      expect(packets(world, "unsubscribe")).toEqual([]);
      const again = packets(world, "subscribe").filter((packet) => !packet.startsWith("#1 "));
      // Commands and `a/b`.
      expect(again).toHaveLength(2);
    },
  );

  maybe("tells the hub of a filter that was never subscribed to, and refuses what is no filter", async () => {
    const world = await connected(app);
    await publish(world, "devices/dev/command/unsubscribe", '"never/#"');
    await publish(world, "devices/dev/command/unsubscribe", '"no/#/filter"');
    // The device's own: commands go on.
    await publish(world, "devices/dev/command/unsubscribe", '"devices/dev/command/#"');
    await publish(world, "devices/dev/command/unsubscribe", '"a/b"');
    await publish(world, "devices/dev/command/subscribe", '"a/b"');
    await publish(world, "a/b", "back");
    world.close();
    const outcomes = world.hub
      .published("devices/dev/event/unsubscribe")
      .map(({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { value: boolean }).value);
    expect(outcomes).toEqual([true, false, true, true]);
    expect(packets(world, "unsubscribe")).toHaveLength(2);
    expect(packets(world, "unsuback")).toHaveLength(2);
    expect(said(world).sort()).toEqual(["again back", "first back", "second back"]);
  });
});
