/**
 * The handlers that the interpreter removes when memory runs out in an event. Espruino for Linux does not run out of memory,
 * but its stack can overflow, with the same effect: the event ends, and the same handlers are removed.
 *
 * On a busy computer all timers of a board may be due at once, of which Espruino removes more than one, and all sent bytes may
 * arrive in one chunk. Therefore the test types the next step at the console after the lost event, and depends on no time.
 */
import { afterEach, describe, expect, it } from "vitest";
import { VirtualTimeline } from "../../host/simulator/world/virtual-clock.ts";
import { boot, closeOpened, serve } from "../fixtures/engine-suite.ts";
import { hasProgram } from "../fixtures/programs.ts";

const OVERFLOW = "function lose() { return lose() + 1; }";
const NO_HARM = "function lose() {}";

interface Case {
  readonly program: string;
  /** The number of the event in the simulator. */
  readonly inEvent: number;
  /** The line that is typed at the console afterwards. */
  readonly typed: string;
  readonly said: readonly string[];
}

const CASES: readonly (readonly [what: string, tried: Case])[] = [
  [
    "an interval is removed, and the others continue",
    {
      // A third beat would come before that of the other interval.
      program: `var beats = 0, others = 0;
      setInterval(function() { if (++beats === 2) lose(); print("beat", beats); }, 40);
      var other = setInterval(function() { if (++others === 3) print("end"); }, 1e9);`,
      inEvent: 2,
      typed: "changeInterval(other, 40)",
      said: [
        "beat 1",
        "ERROR: Ctrl-C while processing interval - removing it.",
        "Execution Interrupted during event processing.",
        "flag CALLBACK",
        "end",
      ],
    },
  ],
  [
    "a time-out ends without a message",
    {
      program: `var others = 0;
      setTimeout(function() { lose(); print("never"); }, 20);
      var other = setInterval(function() { if (++others === 3) print("end"); }, 1e9);`,
      inEvent: 1,
      typed: "changeInterval(other, 40)",
      said: ["Execution Interrupted during event processing.", "end"],
    },
  ],
  [
    "a socket loses all its data listeners after this chunk",
    {
      program: `var socket = require("net").connect({ host: "127.0.0.1", port: PORT });
      socket.on("data", function(data) { if (data === "one") lose(); print("first", data); });
      socket.on("data", function(data) { print("second", data); });
      socket.on("close", function() { print("end"); });`,
      inEvent: 1,
      typed: 'socket.write("more")',
      said: [
        "second one",
        "ERROR: Error processing Serial data handler - removing it.",
        "Execution Interrupted during event processing.",
        "flag CALLBACK",
        "end",
      ],
    },
  ],
];

/** Lines that are the same on both engines, without the memory flags, which a stack overflow does not raise. */
function told(lines: readonly string[]): string[] {
  return lines
    .filter(
      (line) => /^(ERROR|Execution|beat|first|second|never|end)/.test(line) || line.includes("CALLBACK"),
    )
    .filter((line) => !line.startsWith("New interpreter error"))
    .map((line) => (line.startsWith("flag") ? "flag CALLBACK" : line));
}

async function play(engine: "node" | "espruino", { program, inEvent, typed }: Case): Promise<string[]> {
  const server = await serve((socket) => {
    socket.write("one");
    socket.once("data", () => socket.end("two"));
  });
  let events = 0;
  const { board, lines, untilLine } = await boot(
    engine,
    `E.on("errorFlag", function(flags) { print("flag", flags.join()); });
    ${engine === "node" ? NO_HARM : OVERFLOW}
    ${program.replace("PORT", String(server.port))}`,
    { hasMemory: () => ++events !== inEvent },
  );
  await untilLine("Execution Interrupted during event processing.");
  board.type(typed);
  await untilLine("end");
  return lines;
}

describe("when memory runs out", () => {
  afterEach(closeOpened);

  it.each(CASES)("%s", async (_what, tried) => {
    const lines = await play("node", tried);
    expect(told(lines)).toEqual(tried.said);
    expect(lines.some((line) => /^New interpreter error: (CALLBACK,)?LOW_MEMORY,MEMORY$/.test(line))).toBe(
      true,
    );
  });

  it.skipIf(!hasProgram("espruino")).each(CASES)(
    "the real interpreter behaves the same: %s",
    async (_what, tried) => {
      expect(told(await play("espruino", tried))).toEqual(tried.said);
    },
  );

  it("E.errorFlag is emitted once per flag until the app reads the flags", async () => {
    const timeline = new VirtualTimeline();
    let events = 0;
    const { lines } = await boot(
      "node",
      `E.on("errorFlag", function(flags) { print("flag", flags.join()); });
      for (var ms = 10; ms < 40; ms += 10) setTimeout(print, ms, "lost");
      setTimeout(function() { print(E.getErrorFlags().join(), E.getErrorFlags().length); }, 60);
      setTimeout(print, 70, "lost");
      setTimeout(print, 80, "end");`,
      { clock: timeline.createLane(), hasMemory: () => ++events > 3 && events !== 5 },
    );
    timeline.advance(100);
    expect(lines.filter((line) => !/^(Execution|New)/.test(line))).toEqual([
      "flag LOW_MEMORY,MEMORY",
      "LOW_MEMORY,MEMORY 0",
      "flag LOW_MEMORY,MEMORY",
      "end",
    ]);
  });
});
