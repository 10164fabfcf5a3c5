/** When the list of messages stands still: by its button, and while a message is open. */
import { expect, test } from "vitest";
import { nextPause, type Pause, type PauseStep, RUNNING } from "../../host/page/messages/pause.ts";

function after(...steps: PauseStep[]): Pause {
  return steps.reduce(nextPause, RUNNING);
}

const button = (total: number): PauseStep => ({ kind: "button", total });
const message = (serial: number, total: number): PauseStep => ({ kind: "message", serial, total });

test("the button pauses, and lets run again", () => {
  expect(after(button(7))).toEqual({ sinceTotal: 7, isByButton: true, open: new Set() });
  expect(after(button(7), button(9))).toEqual(RUNNING);
});

test("an open message pauses until the last that is open is closed", () => {
  expect(after(message(3, 7))).toEqual({ sinceTotal: 7, isByButton: false, open: new Set([3]) });
  expect(after(message(3, 7), message(4, 9), message(3, 10))).toEqual({
    sinceTotal: 7,
    isByButton: false,
    open: new Set([4]),
  });
  expect(after(message(3, 7), message(4, 9), message(3, 10), message(4, 11))).toEqual(RUNNING);
});

test("what the button paused stays paused when a message is closed", () => {
  expect(after(button(5), message(3, 7), message(3, 8))).toEqual({
    sinceTotal: 5,
    isByButton: true,
    open: new Set(),
  });
});

test("no message is open once the list runs", () => {
  expect(after(message(3, 7), button(9))).toEqual(RUNNING);
  expect(after(button(5), message(3, 7), { kind: "clear" })).toEqual(RUNNING);
});
