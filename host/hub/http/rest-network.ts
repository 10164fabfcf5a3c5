/**
 * The REST network: `POST /rest` publishes its body, as on Scaleway IoT Hub. The header `X-Secret` has the secret, `X-Topic` the
 * topic name. The message is published at QoS 0 and not retained.
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Message } from "../../broker/message.ts";
import { PAYLOAD_BYTES_MAX } from "../../broker/packet-reader.ts";
import { RULES, ruleText } from "../../mqtt/rules.ts";
import { brokenTopicNameRule } from "../../mqtt/topics.ts";
import type { PlainAnswer } from "./page-server.ts";

export const REST_PATH = "/rest";

export class RestNetwork {
  readonly #secret: string;
  readonly #publish: (message: Message) => void;

  constructor(secret: string, publish: (message: Message) => void) {
    this.#secret = secret;
    this.#publish = publish;
  }

  async answer(request: IncomingMessage): Promise<PlainAnswer> {
    if (request.method !== "POST") return { status: 405, text: "Use the method POST." };
    if (!this.#isSecret(request.headers["x-secret"])) {
      return { status: 401, text: "The header X-Secret is missing or wrong." };
    }
    const topic = textOf(request.headers["x-topic"]);
    const problem = problemOfTopic(topic);
    if (topic === undefined || problem !== undefined) return { status: 400, text: problem ?? "" };
    const payload = await readBody(request);
    if (!payload) return { status: 413, text: `The message is larger than ${PAYLOAD_BYTES_MAX} bytes.` };
    this.#publish({ topic, payload, qos: 0, retain: false });
    return { status: 200, text: "Published." };
  }

  #isSecret(given: string | string[] | undefined): boolean {
    const actual = Buffer.from(String(given ?? ""));
    const expected = Buffer.from(this.#secret);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }
}

/** Decodes a header as UTF-8, because Node reads headers as Latin-1. Returns undefined if it is not UTF-8. */
function textOf(header: string | string[] | undefined): string | undefined {
  try {
    return decoder.decode(Buffer.from(String(header ?? ""), "latin1"));
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function problemOfTopic(topic: string | undefined): string | undefined {
  if (topic === undefined) return `The header X-Topic is not valid: ${ruleText(RULES.notUtf8)}.`;
  if (topic === "") return "The header X-Topic is missing.";
  const broken = brokenTopicNameRule(topic);
  if (broken) return `The header X-Topic is not valid: ${ruleText(broken)}.`;
  return topic.startsWith("$") ? "Topics that begin with $ are reserved for the hub." : undefined;
}

/** Returns undefined if the body is too long, by its content-length or in fact. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > PAYLOAD_BYTES_MAX) return undefined;
  const pieces: Buffer[] = [];
  let lengthBytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    lengthBytes += piece.length;
    if (lengthBytes > PAYLOAD_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
