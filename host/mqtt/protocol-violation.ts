import { type Rule, ruleText } from "./rules.ts";

/**
 * A peer broke MQTT 3.1.1, so its connection has to end [MQTT-4.8.0-1]. Thrown by readers of a stream, and caught by the owner
 * of the connection. (A fault, in contrast, is injected on purpose.)
 */
export class ProtocolViolation extends Error {
  readonly rule: Rule;
  /** The return code of the CONNACK that a hub sends before it closes; undefined if it sends none. */
  readonly returnCode: number | undefined;

  /** `packet` is the name of the packet that broke the rule, such as `PUBLISH`. */
  constructor(packet: string, rule: Rule, returnCode?: number) {
    super(`${packet}: ${ruleText(rule)}`);
    this.rule = rule;
    this.returnCode = returnCode;
  }
}
