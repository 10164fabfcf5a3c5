/** Firmware with deliberate defects: the sweeps of persistent sessions must find each defect. */
import { describe, expect, it } from "vitest";
import { failPowerAt, flashWrites, powerSchedule } from "../fixtures/power-failures.ts";
import type { Edit } from "../fixtures/sequence-app.ts";
import { buildSessionApp } from "../fixtures/session-app.ts";
import { sessionScript } from "../fixtures/session-script.ts";
import { NOTICE_MS, RECONNECT_MS, type Schedule, Sweep } from "../fixtures/sweep.ts";

/** Each defect: its title, the edits that make it, and a part of the expected failure. */
const MUTANTS: readonly (readonly [string, readonly Edit[], RegExp])[] = [
  [
    "PUBREL is not sent again",
    [
      {
        file: "mqtt/session.ts",
        text: "if (!whenSent || firstByte === PUBREL) send(packet);",
        by: "if (firstByte !== PUBREL) send(packet);",
      },
    ],
    /not connected again after the last cut/,
  ],
  [
    "packet identifiers of the hub are not kept over connections",
    [
      {
        file: "mqtt/session.ts",
        text: 'extension(CONNACK, sessionPresent ? (isSure ? "kept" : "in doubt") : "")',
        by: 'extension(CONNACK, "")',
      },
    ],
    /of QoS 2 was handled 2 times/,
  ],
  [
    "packet identifiers of the hub are not stored on flash",
    [
      {
        file: "mqtt/qos2.ts",
        text: '  if (journal) journal.keep("r" + identifier, encodePacket(PUBREC, identifier));\n',
        by: "",
      },
    ],
    /of QoS 2 was handled 2 times/,
  ],
  [
    "PUBREC is sent before the packet identifier is on flash",
    [
      {
        file: "mqtt/qos2.ts",
        text: 'if (journal) journal.keep("r" + identifier, encodePacket(PUBREC, identifier));',
        by: 'setTimeout(() => { if (journal) journal.keep("r" + identifier, encodePacket(PUBREC, identifier)); }, 1);',
      },
    ],
    /of QoS 2 was handled 2 times/,
  ],
  [
    "PUBREL is sent before it is on flash",
    [{ file: "mqtt/session.ts", text: "  if (journal) journal.mark(key, 0);\n", by: "" }],
    /arrived 2 times|again after PUBREC/,
  ],
  [
    "publish returns before the message is on flash",
    [
      {
        file: "mqtt/session.ts",
        text: "if (journal && !journal.keep(key, packet)) return false;",
        by: "if (journal) setTimeout(() => { if (journal) journal.keep(key, packet); }, 1);",
      },
    ],
    /is in flight|never arrived/,
  ],
  [
    "torn records are accepted",
    [
      {
        file: "mqtt/persistence.ts",
        text: " || seal(record.substring(0, record.length - 4)) !== record",
        by: "",
      },
    ],
    /which nobody sent|no MQTT/,
  ],
  [
    "a file of the journal is used before it is complete",
    [
      {
        file: "mqtt/persistence.ts",
        text: "write(name, toBytes(FORMAT), 0, sizeBytes)",
        by: "write(name, header, 0, sizeBytes)",
      },
      { file: "mqtt/persistence.ts", text: "  write(name, header.substring(1), 1);\n", by: "" },
    ],
    /is in flight|never arrived|arrived 2 times|handled 2 times/,
  ],
];

/** Power cuts before, within and after each write to flash, and then half-open connections after every third byte. */
function* schedulesOf(sweep: Sweep): Generator<Schedule> {
  for (const isHubSilent of [false, true]) {
    for (const [index, { lengthBytes }] of flashWrites(sweep, isHubSilent).entries()) {
      for (const bytes of [0, Math.floor(lengthBytes / 2), lengthBytes]) {
        const failure = { nth: index + 1, bytes };
        const name = `write ${failure.nth}, ${bytes} bytes`;
        yield powerSchedule(name, (world) => failPowerAt(world, [failure]), isHubSilent);
      }
    }
  }
  for (const direction of ["up", "down"] as const) {
    for (let afterBytes = 0; afterBytes < 600; afterBytes += 3) {
      yield {
        name: `${direction} ${afterBytes}`,
        seed: afterBytes + 1,
        faultsOf: (attempt) => (attempt === 1 ? { cut: { direction, afterBytes, silent: true } } : undefined),
        settleMs: NOTICE_MS + RECONNECT_MS,
      };
    }
  }
}

/** The failure of the first failing schedule. */
function firstFailure(sweep: Sweep): string | undefined {
  try {
    for (const schedule of schedulesOf(sweep)) sweep.run(schedule);
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}

describe("sweeps of persistent sessions find firmware in which", () => {
  it.each(MUTANTS)(
    "%s",
    async (_what, edits, promise) => {
      const script = sessionScript({ hubForgets: false, powerFails: true });
      const app = await buildSessionApp({ persistence: true, eventCount: 12, edits });
      expect(firstFailure(new Sweep(app, script))).toMatch(promise);
    },
    120_000,
  );
});
