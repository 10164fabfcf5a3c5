/** The page's actions on the simulated boards. */
import { z } from "zod";
import { SIMULATED_ENGINES } from "../control/simulated-boards.ts";
import { MotekitError } from "../errors.ts";
import type { ControlOptions } from "../hub/http/control-channel.ts";
import type { BoardFleet } from "./board-fleet.ts";

const deviceIdSchema = z
  .string()
  .regex(/^[^/+#\p{Cc}]{1,64}$/u, "a device ID must have 1 to 64 characters without / + #");

const bootSchema = z.strictObject({
  // Unlike on the command line, the path of a board file is not accepted.
  board: z.string().regex(/^[a-z][a-z0-9-]*$/, "not a board's ID"),
  id: deviceIdSchema.optional(),
  engine: z.enum(SIMULATED_ENGINES).optional(),
});
const id = z.string();
const LINE_CHARACTERS_MAX = 4_000;
const lineSchema = z
  .string()
  .max(LINE_CHARACTERS_MAX)
  .regex(/^\P{Cc}*$/u, "a line must not contain control characters");
const actionSchema = z.discriminatedUnion("action", [
  z.strictObject({ id, action: z.enum(["power on", "power off", "reset", "remove", "wifi on", "wifi off"]) }),
  z.strictObject({ id, action: z.literal("type"), line: lineSchema }),
  z.strictObject({
    id,
    action: z.literal("drive"),
    pin: z.string(),
    level: z.number().min(0).max(1),
  }),
]);

export function fleetActions(fleet: BoardFleet): Required<ControlOptions> {
  return {
    actions: {
      bootSimulated: async (argument) => ({ id: await fleet.boot(parse(bootSchema, argument)) }),
      actSimulated: (argument) => fleet.act(parse(actionSchema, argument)),
    },
    feeds: { simulatedBoards: (_argument, emit, signal) => fleet.watch(emit, signal) },
  };
}

/** @throws MotekitError MK1471 */
function parse<Value>(schema: z.ZodType<Value>, argument: unknown): Value {
  const parsed = schema.safeParse(argument);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MotekitError({
    code: "MK1471",
    message: `The request to the simulated boards is not valid at ${issue?.path.join(".") || "the argument"}: ${issue?.message}.`,
    remedy: "Change that value.",
  });
}
