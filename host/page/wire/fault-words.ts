import type { Fault, FaultAction } from "../../control/wire-events.ts";

const ACTION_WORDS: Record<FaultAction, string> = {
  drop: "drop",
  delay: "delay",
  double: "double",
  cut: "cut the connection at",
  refuse: "refuse",
};

const WAY_WORDS = { in: "to the hub", out: "from the hub", both: "both ways" } as const;

/** Such as: drop the next PUBLISH to the hub, of pump, on a/#. */
export function faultWords(fault: Fault): string {
  const { action, direction, packet, clientId, topicFilter, delayMs, returnCode, times, struck } = fault;
  const left = times === undefined ? undefined : times - struck;
  const count = left === undefined ? "every" : left === 1 ? "the next" : `the next ${left}`;
  const words = [ACTION_WORDS[action], count, packet?.toUpperCase() ?? "packet", WAY_WORDS[direction]];
  if (clientId !== undefined) words.push(`of ${clientId}`);
  if (topicFilter !== undefined) words.push(`on ${topicFilter}`);
  if (delayMs !== undefined) words.push(`by ${delayMs} ms`);
  if (returnCode !== undefined) words.push(`with code ${returnCode}`);
  return words.join(" ");
}
