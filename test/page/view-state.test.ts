/** The state in a link to the page, the settings of a connection, and the topic tree. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { problemOfSettings } from "../../host/page/connection/connection-settings.ts";
import { readPayload } from "../../host/page/model/text/payload.ts";
import { HISTORY_MAX, TOPICS_MAX, TopicTree, treeRows } from "../../host/page/model/topic-tree.ts";
import { readViewState, VIEWS, writeViewState } from "../../host/page/model/view-state.ts";

describe("link to the page", () => {
  it("every state can be written into a link and read again", () => {
    const filter = fc.oneof(fc.constantFrom("#", "+/a", "a/#"), fc.stringMatching(/^[a-zé &=%#]{0,3}x$/u));
    const state = fc.record({
      view: fc.constantFrom(...VIEWS),
      subscriptions: fc.option(
        fc.array(
          fc.record({
            topicFilter: filter.filter((text) => text === "#" || text === "a/#" || !text.includes("#")),
            qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        { nil: undefined },
      ),
      filter: fc.string(),
      topic: fc.option(fc.string(), { nil: undefined }),
      as: fc.option(fc.string(), { nil: undefined }),
      client: fc.string(),
      packet: fc.string(),
      plots: fc.string(),
    });
    fc.assert(
      fc.property(state, (written) => {
        expect(readViewState(writeViewState(written))).toEqual(written);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("invalid parts of a link are ignored", () => {
    const none = {
      view: "messages",
      subscriptions: undefined,
      filter: "",
      topic: undefined,
      as: undefined,
      client: "",
      packet: "",
      plots: "",
    };
    expect(readViewState("")).toEqual(none);
    expect(readViewState("#view=constructor&sub=9a&sub=0a%2F%23%2Fb&sub=1&sub=")).toEqual(none);
  });
});

describe("settings of a connection", () => {
  const settings = { name: "n", url: "ws://h/mqtt", clientId: "c", cleanSession: true, keepAliveSeconds: 60 };
  it.each<[object, RegExp]>([
    [{ url: "http://h" }, /ws:\/\//],
    [{ url: "" }, /ws:\/\//],
    [{ clientId: "", cleanSession: false }, /needs a client identifier/],
    [{ password: "p" }, /needs a user name/],
    [{ keepAliveSeconds: 1.5 }, /whole number/],
    [{ keepAliveSeconds: Number.NaN }, /whole number/],
    [{ keepAliveSeconds: 70_000 }, /whole number/],
    [{ clientId: "é".repeat(40_000) }, /client identifier is not valid: .*65535/],
    [{ clientId: "a\u0001" }, /client identifier is not valid: .*\[1.5.3\]/],
    [{ userName: "a\0" }, /user name is not valid: .*MQTT-1.5.3-2/],
  ])("%j is refused", (change, problem) => {
    expect(problemOfSettings({ ...settings, ...change })).toMatch(problem);
  });

  it("the client identifier may be empty with a clean session", () => {
    expect(problemOfSettings({ ...settings, clientId: "" })).toBeUndefined();
  });
});

describe("topic tree", () => {
  let serial = 0;
  const message = (topic: string, retain = false) => ({
    serial: serial++,
    topic,
    payload: readPayload(Uint8Array.of(49)),
    qos: 0,
    retain,
    timeMs: 0,
  });

  it("counts messages and topics at every level, also for names such as __proto__", () => {
    const tree = new TopicTree();
    for (const topic of ["a/b", "a/b", "a", "__proto__/constructor", "a//c"]) tree.add(message(topic));
    expect(tree.root).toMatchObject({ count: 5, topics: 4 });
    expect(tree.find("a")).toMatchObject({ count: 4, topics: 3 });
    expect(tree.find("a/b")?.history).toHaveLength(2);
    expect(tree.find("__proto__/constructor")?.count).toBe(1);
    expect(tree.find("a/x")).toBeUndefined();
    expect(treeRows(tree.root, () => true, 100).map(({ node, depth }) => `${depth}${node.topic}`)).toEqual([
      "0__proto__",
      "1__proto__/constructor",
      "0a",
      "1a/",
      "2a//c",
      "1a/b",
    ]);
    expect(treeRows(tree.root, () => false, 100)).toHaveLength(2);
  });

  it("limits the number of topics and of stored messages", () => {
    const tree = new TopicTree();
    for (let count = 0; count < TOPICS_MAX + 10; count++) tree.add(message(`t/${count}`));
    expect([tree.root.topics, tree.beyond]).toEqual([TOPICS_MAX, 10]);
    for (let count = 0; count < HISTORY_MAX * 2; count++) tree.add(message("t/1"));
    expect(tree.find("t/1")?.history).toHaveLength(HISTORY_MAX);
    let held = 0;
    for (let count = 0; count < 30_000; count++) tree.add(message(`t/${count % 300}`));
    for (const node of tree.root.children.get("t")?.children.values() ?? []) held += node.history.length;
    expect(held).toBeLessThanOrEqual(20_000);
  });
});
