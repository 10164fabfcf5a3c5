/**
 * The REST network: `POST /rest` publishes its body, as on Scaleway IoT Hub. `X-Secret` proves who may, `X-Topic` says where
 * to. A message leaves at QoS 0 and is not retained.
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
    if (request.method !== "POST") return { status: 405, text: "Only POST." };
    if (!this.#isSecret(request.headers["x-secret"])) {
      return { status: 401, text: "X-Secret is missing, or another than the hub's." };
    }
    const topic = textOf(request.headers["x-topic"]);
    const wrong = problemOfTopic(topic);
    if (topic === undefined || wrong !== undefined) return { status: 400, text: wrong ?? "" };
    const payload = await readBody(request);
    if (!payload) return { status: 413, text: `A message has up to ${PAYLOAD_BYTES_MAX} bytes.` };
    this.#publish({ topic, payload, qos: 0, retain: false });
    return { status: 200, text: "Published." };
  }

  #isSecret(given: string | string[] | undefined): boolean {
    const actual = Buffer.from(String(given ?? ""));
    const expected = Buffer.from(this.#secret);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }
}

/** Node reads headers as Latin-1; a topic is UTF-8. Undefined where it is none. */
function textOf(header: string | string[] | undefined): string | undefined {
  try {
    return decoder.decode(Buffer.from(String(header ?? ""), "latin1"));
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function problemOfTopic(topic: string | undefined): string | undefined {
  if (topic === undefined) return `X-Topic is wrong: ${ruleText(RULES.notUtf8)}.`;
  if (topic === "") return "X-Topic is missing.";
  const broken = brokenTopicNameRule(topic);
  if (broken) return `X-Topic is wrong: ${ruleText(broken)}.`;
  return topic.startsWith("$") ? "Topics that begin with $ are the hub's own." : undefined;
}

/** Undefined where it is too long, by its own word or in truth. */
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
