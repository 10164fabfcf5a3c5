/** Changes that wait for the end of a press, so that nothing moves under the pointer. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { afterPress, watchPresses } from "../../host/page/controls/press.ts";

const pointer = new EventTarget();
const dispatch = (event: string): void => void pointer.dispatchEvent(new Event(event));
watchPresses(pointer as Document);

let changes: string[];
const change = (name: string): void => afterPress(() => void changes.push(name));

beforeEach(() => {
  vi.useFakeTimers();
  changes = [];
});
afterEach(() => {
  dispatch("pointerup");
  vi.runAllTimers();
  vi.useRealTimers();
});

test("afterPress: a change waits for the release and the click after it", () => {
  change("before");
  dispatch("pointerdown");
  change("first");
  change("second");
  dispatch("pointerup");
  expect(changes).toEqual(["before"]);
  vi.runAllTimers();
  expect(changes).toEqual(["before", "first", "second"]);
});

test("afterPress: a change also waits for a second press that begins immediately after the first", () => {
  dispatch("pointerdown");
  change("first");
  dispatch("pointerup");
  dispatch("pointerdown");
  vi.advanceTimersByTime(100);
  expect(changes).toEqual([]);
  dispatch("pointerup");
  vi.runAllTimers();
  expect(changes).toEqual(["first"]);
});

test("afterPress: a change waits no longer than three seconds", () => {
  dispatch("pointerdown");
  change("first");
  vi.advanceTimersByTime(2_900);
  expect(changes).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(changes).toEqual(["first"]);
});
