/** The messages that are shown and exported, while the list is running and while it is paused. */
import { expect, test } from "vitest";
import { type Choice, savedMessages, shownMessages } from "../../host/page/model/choose-messages.ts";
import { HubModel } from "../../host/page/model/hub-model.ts";
import type { PausePoint } from "../../host/page/model/pause.ts";

const ALL: Choice = { filter: "", topic: undefined, olderThan: undefined, since: undefined };

function receive(model: HubModel, topic: string, first: number, last: number): void {
  for (let number = first; number <= last; number++) {
    model.receive({ topic, payload: Buffer.from(String(number)), qos: 0, retain: false, timeMs: 0 });
  }
}

function pausePoint({ log }: HubModel): PausePoint {
  return { total: log.total, log: log.copy() };
}

const textsOf = (messages: readonly { readonly payload: { readonly text: string | undefined } }[]) =>
  messages.map(({ payload }) => payload.text);

test("message list: a paused list keeps its messages although the log drops them", () => {
  const model = new HubModel();
  receive(model, "a", 1, 12_345);
  const since = pausePoint(model);
  receive(model, "a", 12_346, 30_000);
  const paused = shownMessages(model, { ...ALL, since });
  expect(textsOf(paused).slice(0, 2)).toEqual(["12345", "12344"]);
  expect(paused).toHaveLength(200);
  expect(textsOf(shownMessages(model, ALL)).slice(0, 1)).toEqual(["30000"]);
  const saved = textsOf(savedMessages(model, { ...ALL, since }));
  expect([saved.length, saved[0], saved.at(-1)]).toEqual([10_000, "2346", "12345"]);
});

test("message list: a paused list does not show messages that arrived after its last render", () => {
  const model = new HubModel();
  receive(model, "a", 1, 5);
  const since = { total: 3, log: model.log.copy() };
  expect(textsOf(shownMessages(model, { ...ALL, since }))).toEqual(["3", "2", "1"]);
});

test("message list: older pages and the filter work in a paused list", () => {
  const model = new HubModel();
  receive(model, "a", 1, 500);
  const since = pausePoint(model);
  model.clearLog();
  expect(textsOf(shownMessages(model, { ...ALL, since, olderThan: 300 }))[0]).toBe("300");
  expect(textsOf(shownMessages(model, { ...ALL, since, filter: "49" }))).toContain("149");
});

test("message list: a paused history comes from the log for a busy topic, and from the tree for a quiet topic", () => {
  const model = new HubModel();
  receive(model, "seldom", 1, 3);
  receive(model, "busy", 1, 12_000);
  const since = pausePoint(model);
  receive(model, "busy", 12_001, 12_150);
  expect(textsOf(shownMessages(model, { ...ALL, since, topic: "seldom" }))).toEqual(["3", "2", "1"]);
  const busy = textsOf(shownMessages(model, { ...ALL, since, topic: "busy" }));
  expect([busy.length, busy[0], busy.at(-1)]).toEqual([100, "12000", "11901"]);
  expect(textsOf(shownMessages(model, { ...ALL, topic: "busy" }))[0]).toBe("12150");
});
