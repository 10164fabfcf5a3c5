/** What the page may do at the hub's wires: throw faults, cut connections, and watch. */
import { z } from "zod";
import { FAULT_ACTIONS, FAULT_PACKETS, type FaultRequest } from "../../control/wire-events.ts";
import { MotekitError } from "../../errors.ts";
import { isTopicFilter } from "../devices/topic-filters.ts";
import type { ControlOptions } from "../http/control-channel.ts";
import type { WireTap } from "./wire-tap.ts";

const DELAY_MS_MAX = 10 * 60_000;

const clientIdSchema = z.string().max(1024);

const faultSchema = z
  .strictObject({
    action: z.enum(FAULT_ACTIONS),
    direction: z.enum(["in", "out", "both"]),
    packet: z.enum(FAULT_PACKETS).optional(),
    clientId: clientIdSchema.optional(),
    topicFilter: z.string().refine(isTopicFilter, "no topic filter").optional(),
    delayMs: z.int().min(1).max(DELAY_MS_MAX).optional(),
    returnCode: z.int().min(1).max(5).optional(),
    times: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(({ action, delayMs }) => (action === "delay") === (delayMs !== undefined), {
    path: ["delayMs"],
    message: "a delay, and nothing else, has a time",
  });
const watchSchema = z.strictObject({ clientId: clientIdSchema.optional() });
const removalSchema = z.strictObject({ id: z.int() });
const cutSchema = z.strictObject({ clientId: clientIdSchema });

/** `cut` ends a client's connections. */
export function wireActions(tap: WireTap, cut: (clientId: string) => void): Required<ControlOptions> {
  return {
    actions: {
      addFault: async (argument) => tap.faults.add(parse(faultSchema, argument) satisfies FaultRequest),
      removeFault: async (argument) => tap.faults.remove(parse(removalSchema, argument).id),
      cutConnection: async (argument) => cut(parse(cutSchema, argument).clientId),
    },
    feeds: {
      wire: (argument, emit, signal) => tap.watch(parse(watchSchema, argument ?? {}), emit, signal),
    },
  };
}

/** @throws MotekitError MK1460 */
function parse<Value>(schema: z.ZodType<Value>, argument: unknown): Value {
  const parsed = schema.safeParse(argument);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MotekitError({
    code: "MK1460",
    message: `That cannot be done at the hub's wires: ${issue?.path.join(".") || "the argument"}: ${issue?.message}.`,
    remedy: "Change it.",
  });
}
