/** The refusals of the broker itself, whatever its policy: its memory limits are reached. */
import type { Refusal } from "./policy.ts";

export const HUB_IS_FULL: Refusal = {
  rule: "the hub's memory for messages is full, so that it cannot retain the message",
  remedy:
    "Clear retained messages, or connect the clients of persistent sessions so that they receive their queued messages.",
};

export const NO_ROOM_FOR_WILL: Refusal = {
  rule: "the hub's memory for messages is full, so that it cannot store the will",
  remedy: HUB_IS_FULL.remedy,
};

export const TOO_MANY_SUBSCRIPTIONS: Refusal = {
  rule: "the client, or all clients together, reached the limit on subscriptions",
  remedy:
    "Use wildcards (+ and #) instead of many topic filters, and unsubscribe from topics that are no longer needed.",
};
