/** The table of packet faults: what its entries say holds together, and what contradicts it is found. */
import { describe, expect, it, test } from "vitest";
import {
  canStrike,
  FAULT_PARAMETER_NAMES,
  PACKET_FAULT_ACTIONS,
  type PacketFault,
  packetFaultKind,
  parameterKind,
  parameterProblem,
} from "../../host/broker/packet-fault.ts";

test("each fault has words of its own", () => {
  const kinds = PACKET_FAULT_ACTIONS.map(packetFaultKind);
  expect(kinds.length).toBeGreaterThanOrEqual(5);
  for (const word of ["fate", "label", "verb"] as const) {
    expect(new Set(kinds.map((kind) => kind[word])).size).toBe(kinds.length);
  }
});

test("each parameter belongs to a fault, and a form begins with a value that it may have", () => {
  expect(FAULT_PARAMETER_NAMES.length).toBeGreaterThanOrEqual(2);
  for (const name of FAULT_PARAMETER_NAMES) {
    const { least, most, initial, drawnBelow = most + 1 } = parameterKind(name);
    expect(initial).toBeGreaterThanOrEqual(least);
    expect(initial).toBeLessThanOrEqual(most);
    expect(drawnBelow).toBeGreaterThan(least);
    expect(PACKET_FAULT_ACTIONS.some((action) => packetFaultKind(action).parameters[name])).toBe(true);
  }
});

test.each<[PacketFault, string | undefined]>([
  [{ action: "drop" }, undefined],
  [{ action: "drop", delayMs: undefined }, undefined],
  [{ action: "delay", delayMs: 1 }, undefined],
  [{ action: "refuse" }, undefined],
  [{ action: "refuse", returnCode: 5 }, undefined],
  [{ action: "delay" }, "delayMs"],
  [{ action: "delay", delayMs: 0 }, "delayMs"],
  [{ action: "delay", delayMs: 600_001 }, "delayMs"],
  [{ action: "delay", delayMs: Number.NaN }, "delayMs"],
  [{ action: "double", delayMs: 1 }, "delayMs"],
  [{ action: "refuse", returnCode: 0 }, "returnCode"],
  [{ action: "cut", returnCode: 3 }, "returnCode"],
])("the parameter of %j that cannot be is %s", (fault, parameter) => {
  expect(parameterProblem(fault)?.parameter).toBe(parameter);
});

describe("a fault can strike", () => {
  it.each([
    ["drop", "connack", "out", true],
    ["refuse", "connect", "in", true],
    ["refuse", "puback", "in", false],
    ["refuse", "publish", "out", false],
  ] as const)("%s a %s of direction %s: %s", (action, cmd, direction, expected) => {
    expect(canStrike(action, cmd, direction)).toBe(expected);
  });
});

test("without an upper bound a delay may be longer, and no shorter", () => {
  expect(parameterProblem({ action: "delay", delayMs: 86_400_000 }, ["delayMs"])).toBeUndefined();
  expect(parameterProblem({ action: "delay", delayMs: 0 }, ["delayMs"])?.parameter).toBe("delayMs");
});
