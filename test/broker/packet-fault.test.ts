/** The table of packet faults is consistent, and invalid faults are found. */
import { describe, expect, it, test } from "vitest";
import {
  canApply,
  FAULT_PARAMETER_NAMES,
  PACKET_FAULT_ACTIONS,
  type PacketFault,
  packetFaultKind,
  parameterKind,
  parameterProblem,
} from "../../host/broker/packet-fault.ts";

test("packet faults: fate, label and verb differ between all faults", () => {
  const kinds = PACKET_FAULT_ACTIONS.map(packetFaultKind);
  expect(kinds.length).toBeGreaterThanOrEqual(5);
  for (const word of ["fate", "label", "verb"] as const) {
    expect(new Set(kinds.map((kind) => kind[word])).size).toBe(kinds.length);
  }
});

test("packet faults: each parameter belongs to a fault, and its initial value is within its bounds", () => {
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
])("packet faults: parameterProblem of %j names the parameter %s", (fault, parameter) => {
  expect(parameterProblem(fault)?.parameter).toBe(parameter);
});

describe("packet faults: whether a fault can apply", () => {
  it.each([
    ["drop", "connack", "out", true],
    ["refuse", "connect", "in", true],
    ["refuse", "puback", "in", false],
    ["refuse", "publish", "out", false],
  ] as const)("%s to %s of direction %s: %s", (action, cmd, direction, expected) => {
    expect(canApply(action, cmd, direction)).toBe(expected);
  });
});

test("packet faults: a delay without an upper bound still has a lower bound", () => {
  expect(parameterProblem({ action: "delay", delayMs: 86_400_000 }, ["delayMs"])).toBeUndefined();
  expect(parameterProblem({ action: "delay", delayMs: 0 }, ["delayMs"])?.parameter).toBe("delayMs");
});
