/** What waits for the end of a press, so that nothing moves under the pointer. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { afterPress, watchPresses } from "../../host/page/controls/press.ts";

const pointer = new EventTarget();
const say = (event: string): void => void pointer.dispatchEvent(new Event(event));
watchPresses(pointer as Document);

let changes: string[];
const change = (name: string): void => afterPress(() => void changes.push(name));

beforeEach(() => {
  vi.useFakeTimers();
  changes = [];
});
afterEach(() => {
  say("pointerup");
  vi.runAllTimers();
  vi.useRealTimers();
});

test("a change waits for the release and the click behind it", () => {
  change("before");
  say("pointerdown");
  change("first");
  change("second");
  say("pointerup");
  expect(changes).toEqual(["before"]);
  vi.runAllTimers();
  expect(changes).toEqual(["before", "first", "second"]);
});

test("a change waits for the second press too, where that begins right behind the first", () => {
  say("pointerdown");
  change("first");
  say("pointerup");
  say("pointerdown");
  vi.advanceTimersByTime(100);
  expect(changes).toEqual([]);
  say("pointerup");
  vi.runAllTimers();
  expect(changes).toEqual(["first"]);
});

test("a change waits no longer than a click lasts", () => {
  say("pointerdown");
  change("first");
  vi.advanceTimersByTime(2_900);
  expect(changes).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(changes).toEqual(["first"]);
});
