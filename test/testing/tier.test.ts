import { it, expect } from "vitest";
import { World } from "../../host/testing/world.ts";
import { loadBoard } from "../../host/boards.ts";
import { buildAppText } from "../fixtures/sequence-app.ts";
const APP = `import { every, log, onCommand, publish, start } from "motekit";
let count = 0;
every(5, () => publish("count", String(++count), { qos: 1 }));
start();
`;
it("same", async () => {
  const app = await buildAppText(APP, "esp32");
  const play = async (engine: "node" | "espruino") => {
    const t = Date.now();
    const world = new World({ board: loadBoard("esp32"), app, seed: 3, engine, keepsTranscript: true });
    world.boot({ wifi: { home: "secret" } });
    await world.advance("60 s");
    for (const b of world.boards) b.powerCut();
    console.log(engine, Date.now() - t, "ms");
    return world.transcript();
  };
  const a = await play("node");
  const b = await play("espruino");
  console.log(b.split("\n").slice(0, 30).join("\n"));
  expect(b.split("\n")).toEqual(a.split("\n"));
}, 60000);
