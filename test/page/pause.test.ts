/** When the list of messages stands still: by its button, and while a message is open. */
import { expect, test } from "vitest";
import { MessageLog } from "../../host/page/model/message-log.ts";
import {
  nextPause,
  type Pause,
  type PausePoint,
  type PauseStep,
  RUNNING,
} from "../../host/page/model/pause.ts";

function after(...steps: PauseStep[]): Pause {
  return steps.reduce(nextPause, RUNNING);
}

const log = new MessageLog();
const at = (total: number): PausePoint => ({ total, log });
const button = (total: number): PauseStep => ({ kind: "button", point: at(total) });
const message = (serial: number, total: number): PauseStep => ({ kind: "message", serial, point: at(total) });

test("the button pauses, and lets run again", () => {
  expect(after(button(7))).toEqual({ since: at(7), isByButton: true, open: new Set() });
  expect(after(button(7), button(9))).toEqual(RUNNING);
});

test("an open message pauses until the last that is open is closed", () => {
  expect(after(message(3, 7))).toEqual({ since: at(7), isByButton: false, open: new Set([3]) });
  const twoOpened = after(message(3, 7), message(4, 9), message(3, 10));
  expect(twoOpened).toEqual({ since: at(7), isByButton: false, open: new Set([4]) });
  expect(nextPause(twoOpened, message(4, 11))).toEqual(RUNNING);
});

test("an open message pauses no longer than it is in sight, the button does", () => {
  expect(after(message(3, 7), { kind: "out of sight" })).toEqual(RUNNING);
  const byButton = after(button(5), message(3, 7));
  expect(nextPause(byButton, { kind: "out of sight" })).toEqual(byButton);
});

test("what the button paused stays paused when a message is closed", () => {
  expect(after(button(5), message(3, 7), message(3, 8))).toEqual({
    since: at(5),
    isByButton: true,
    open: new Set(),
  });
});

test("no message is open once the list runs", () => {
  expect(after(message(3, 7), button(9))).toEqual(RUNNING);
  expect(after(button(5), message(3, 7), { kind: "clear" })).toEqual(RUNNING);
});
