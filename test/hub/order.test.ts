import { connect } from "node:net";
import { connectAsync } from "mqtt";
import { generate } from "mqtt-packet";
import { expect, it } from "vitest";
import { openHub } from "../fixtures/hubs.ts";
import { until } from "../fixtures/waiting.ts";

it("a retained message and the following messages in the same chunk all reach a subscriber, in order", async () => {
  const hub = await openHub();
  const observer = await connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
  const topics: string[] = [];
  observer.on("message", (topic) => topics.push(topic));
  await observer.subscribeAsync("#");

  const publisher = connect(hub.port, "127.0.0.1");
  publisher.write(
    Buffer.concat([
      generate({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clientId: "raw",
        clean: true,
        keepalive: 0,
      }),
      ...["status", "a", "b"].map((topic) =>
        generate({ cmd: "publish", topic, payload: "x", qos: 0, retain: topic === "status", dup: false }),
      ),
    ]),
  );
  await until("the last message", () => topics.includes("b"));
  expect(topics).toEqual(["status", "a", "b"]);
  publisher.destroy();
  observer.end(true);
});

/** A hub that went on with what waits only when it looks after its clock would take twice as long. */
const RETAINED_MS_MAX = 8_000;

it("a new subscription gets all retained messages at QoS 0 without a pause, though they do not all fit in flight at once", async () => {
  const hub = await openHub();
  const publisher = await connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
  const count = 200;
  const payload = Buffer.alloc(100_000, "x");
  for (let index = 0; index < count; index++) {
    await publisher.publishAsync(`kept/${index}`, payload, { retain: true });
  }
  await publisher.publishAsync("end", "x", { qos: 1 });
  const subscriber = await connectAsync(`mqtt://127.0.0.1:${hub.port}`, { reconnectPeriod: 0 });
  const topics = new Set<string>();
  subscriber.on("message", (topic) => topics.add(topic));
  const startMs = performance.now();
  await subscriber.subscribeAsync("kept/#");
  await until("all of it", () => topics.size === count);
  expect(performance.now() - startMs).toBeLessThan(RETAINED_MS_MAX);
  expect(hub.events.filter(({ event }) => event === "overflowed")).toEqual([]);
  publisher.end(true);
  subscriber.end(true);
});
