/** Pauses of the message list, by its button and while a message is open. */
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

test("message list: the button pauses and resumes", () => {
  expect(after(button(7))).toEqual({ since: at(7), isByButton: true, open: new Set() });
  expect(after(button(7), button(9))).toEqual(RUNNING);
});

test("message list: open messages pause the list until the last one is closed", () => {
  expect(after(message(3, 7))).toEqual({ since: at(7), isByButton: false, open: new Set([3]) });
  const twoOpened = after(message(3, 7), message(4, 9), message(3, 10));
  expect(twoOpened).toEqual({ since: at(7), isByButton: false, open: new Set([4]) });
  expect(nextPause(twoOpened, message(4, 11))).toEqual(RUNNING);
});

test("message list: hiding the open message ends its pause, but not a pause by the button", () => {
  expect(after(message(3, 7), { kind: "hidden" })).toEqual(RUNNING);
  const byButton = after(button(5), message(3, 7));
  expect(nextPause(byButton, { kind: "hidden" })).toEqual(byButton);
});

test("message list: a pause by the button continues when a message is closed", () => {
  expect(after(button(5), message(3, 7), message(3, 8))).toEqual({
    since: at(5),
    isByButton: true,
    open: new Set(),
  });
});

test("message list: resuming closes all messages", () => {
  expect(after(message(3, 7), button(9))).toEqual(RUNNING);
  expect(after(button(5), message(3, 7), { kind: "clear" })).toEqual(RUNNING);
});
