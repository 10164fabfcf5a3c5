/** What a broker refuses by itself, whatever its policy: no room. */
import type { Refusal } from "./policy.ts";

export const HUB_IS_FULL: Refusal = {
  rule: "the hub holds as many bytes of messages as it may, and retains no more",
  remedy: "Clear retained messages, or have kept sessions fetch what waits for them.",
};

export const NO_ROOM_FOR_WILL: Refusal = {
  rule: "the hub holds as many bytes of messages as it may, and has no room for a will",
  remedy: HUB_IS_FULL.remedy,
};

export const TOO_MANY_SUBSCRIPTIONS: Refusal = {
  rule: "the client, or all clients together, have as many subscriptions as they may",
  remedy:
    "Subscribe with wildcards (+ and #) in the place of many topics, and unsubscribe from what is over.",
};
