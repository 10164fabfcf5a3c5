import { FAULT_PARAMETER_NAMES, packetFaultKind, parameterKind } from "../../broker/packet-fault.ts";
import type { Fault } from "../../control/wire-events.ts";

const DIRECTION_LABELS = { in: "to the hub", out: "from the hub", both: "in both directions" } as const;

/** A fault as text, such as "drop the next PUBLISH to the hub of pump on a/#". */
export function faultText(fault: Fault): string {
  const { action, direction, packet, clientId, topicFilter, times, appliedCount } = fault;
  const left = times === undefined ? undefined : times - appliedCount;
  const count = left === undefined ? "every" : left === 1 ? "the next" : `the next ${left}`;
  const words = [
    packetFaultKind(action).verb,
    count,
    packet?.toUpperCase() ?? "packet",
    DIRECTION_LABELS[direction],
  ];
  if (clientId !== undefined) words.push(`of ${clientId}`);
  if (topicFilter !== undefined) words.push(`on ${topicFilter}`);
  for (const name of FAULT_PARAMETER_NAMES) {
    const [before, behind] = parameterKind(name).words;
    if (fault[name] !== undefined) words.push(`${before} ${fault[name]}${behind}`);
  }
  return words.join(" ");
}
