/** A device that a hub knows: who it is, how it proves it, and what it may say and hear. As Scaleway IoT Hub has them. */
import { z } from "zod";
import { ruleText } from "../../mqtt/rules.ts";
import { topicFilterSchema } from "../../mqtt/topic-filter-schema.ts";
import { brokenTextRule } from "../../mqtt/topics.ts";

/** As many as Scaleway's hubs have. */
export const DEVICES_MAX = 10_000;

/** It enters topic filters by a template, so that it may have nothing in it that means something there. */
const nameSchema = z
  .string()
  .regex(/^[^/+#{}\p{Cc}]{1,64}$/u, "a name has 1 to 64 characters, none of / + # { }")
  .superRefine((name, context) => {
    const broken = brokenTextRule(name);
    if (broken) context.addIssue({ code: "custom", message: ruleText(broken) });
  });

/** By it a filter names its device. */
export const TEMPLATES = { "{{device.id}}": "id", "{{device.name}}": "name" } as const;

const templateSchema = topicFilterSchema.refine(
  (filter) =>
    !Object.keys(TEMPLATES)
      .reduce((rest, each) => rest.replaceAll(each, ""), filter)
      .includes("{{"),
  `of templates there are ${Object.keys(TEMPLATES).join(" and ")} alone`,
);

/** `accept`: these topics and no others; `reject`: all but these. */
const messageFilterSchema = z.strictObject({
  policy: z.enum(["accept", "reject"]),
  /** Topic filters, in which `{{device.id}}` and `{{device.name}}` stand for the device's. */
  topics: z.array(templateSchema).max(100),
});

export const deviceSchema = z.strictObject({
  id: z.uuid().toLowerCase(),
  name: nameSchema,
  isEnabled: z.boolean(),
  /** By plain TCP, TLS without a certificate, or WebSocket. Without: by mutual TLS alone. */
  allowsInsecure: z.boolean(),
  /** Several connections at once; without, a new one takes the place of the one before. */
  allowsMultiple: z.boolean(),
  /** Left out: it is known by its ID alone. */
  password: z.strictObject({ salt: z.hex(), sha256: z.hex() }).optional(),
  /** SHA-256 of the certificate, as `PeerCertificate.fingerprint`. */
  certificate: z
    .string()
    .regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, "no SHA-256 fingerprint")
    .optional(),
  publish: messageFilterSchema.optional(),
  subscribe: messageFilterSchema.optional(),
});

export type Device = z.infer<typeof deviceSchema>;
export type MessageFilter = z.infer<typeof messageFilterSchema>;

/** A name as a person types it at a command line. */
export function typed(name: string): string {
  return /^[\p{L}\p{N}_.@:-]+$/u.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** Whether a text has the form of a device's ID (UUID). */
export function isDeviceId(text: string): boolean {
  return deviceSchema.shape.id.safeParse(text).success;
}
