/** The actions of the page's inspector: inject faults, cut connections, and watch packets. */
import { z } from "zod";
import {
  FAULT_PARAMETER_NAMES,
  type FaultParameter,
  PACKET_FAULT_ACTIONS,
  parameterProblem,
} from "../../broker/packet-fault.ts";
import type { FaultRequest } from "../../control/wire-events.ts";
import { MotekitError } from "../../errors.ts";
import { PACKET_TYPES } from "../../mqtt/packet-types.ts";
import { topicFilterSchema } from "../../mqtt/topic-filter-schema.ts";
import type { ControlOptions } from "../http/control-channel.ts";
import type { WireTap } from "./wire-tap.ts";

const clientIdSchema = z.string().max(1024);

const parameterSchemas = Object.fromEntries(
  FAULT_PARAMETER_NAMES.map((name) => [name, z.int().optional()]),
) as Record<FaultParameter, z.ZodOptional<z.ZodInt>>;

const faultSchema = z
  .strictObject({
    action: z.enum(PACKET_FAULT_ACTIONS),
    direction: z.enum(["in", "out", "both"]),
    packet: z.enum(PACKET_TYPES.map(({ type }) => type)).optional(),
    clientId: clientIdSchema.optional(),
    topicFilter: topicFilterSchema.optional(),
    ...parameterSchemas,
    times: z.int().min(1).max(1_000_000).optional(),
  })
  .superRefine((fault, { addIssue }) => {
    const found = parameterProblem(fault);
    if (found) addIssue({ code: "custom", path: [found.parameter], message: found.problem });
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
    message: `The inspector's request is not valid at ${issue?.path.join(".") || "the argument"}: ${issue?.message}.`,
    remedy: "Change that value.",
  });
}
