/** A device of a hub: its identity, credentials and permissions, as in Scaleway IoT Hub. */
import { z } from "zod";
import { ruleText } from "../../mqtt/rules.ts";
import { topicFilterSchema } from "../../mqtt/topic-filter-schema.ts";
import { brokenTextRule } from "../../mqtt/topics.ts";

/** The limit of Scaleway's hubs. */
export const DEVICES_MAX = 10_000;

/** Names are inserted into topic filters, so they may not contain characters with a meaning there. */
const nameSchema = z
  .string()
  .regex(/^[^/+#{}\p{Cc}]{1,64}$/u, "a name must have 1 to 64 characters without / + # { }")
  .superRefine((name, context) => {
    const broken = brokenTextRule(name);
    if (broken) context.addIssue({ code: "custom", message: ruleText(broken) });
  });

/** The templates in a filter that stand for its device. */
export const TEMPLATES = { "{{device.id}}": "id", "{{device.name}}": "name" } as const;

const templateSchema = topicFilterSchema.refine(
  (filter) =>
    !Object.keys(TEMPLATES)
      .reduce((rest, each) => rest.replaceAll(each, ""), filter)
      .includes("{{"),
  `the only templates are ${Object.keys(TEMPLATES).join(" and ")}`,
);

/** `accept` allows only these topics, `reject` all but these. */
const messageFilterSchema = z.strictObject({
  policy: z.enum(["accept", "reject"]),
  /** Topic filters, in which `{{device.id}}` and `{{device.name}}` stand for the device's ID and name. */
  topics: z.array(templateSchema).max(100),
});

export const deviceSchema = z.strictObject({
  id: z.uuid().toLowerCase(),
  name: nameSchema,
  isEnabled: z.boolean(),
  /** Whether the device may use TCP, TLS without a certificate, or WebSocket; otherwise it must use mutual TLS. */
  allowsInsecure: z.boolean(),
  /** Whether the device may have several connections at once; otherwise a new one takes over. */
  allowsMultiple: z.boolean(),
  /** If undefined, the device needs no password. */
  password: z.strictObject({ salt: z.hex(), sha256: z.hex() }).optional(),
  /** The certificate's SHA-256, in the form of `PeerCertificate.fingerprint`. */
  certificate: z
    .string()
    .regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, "not a SHA-256 fingerprint")
    .optional(),
  publish: messageFilterSchema.optional(),
  subscribe: messageFilterSchema.optional(),
});

export type Device = z.infer<typeof deviceSchema>;
export type MessageFilter = z.infer<typeof messageFilterSchema>;

/** A name as it has to be typed in a shell, with quotes where necessary. */
export function typed(name: string): string {
  return /^[\p{L}\p{N}_.@:-]+$/u.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** Whether a text has the form of a device's ID (UUID). */
export function isDeviceId(text: string): boolean {
  return deviceSchema.shape.id.safeParse(text).success;
}
