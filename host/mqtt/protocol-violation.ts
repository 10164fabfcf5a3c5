import { type Rule, ruleText } from "./rules.ts";

/**
 * A peer broke MQTT 3.1.1, so that its connection has to end [MQTT-4.8.0-1]. Thrown where a stream is read, and caught by who
 * owns the connection. (A fault, in contrast, is one that is injected on purpose.)
 */
export class ProtocolViolation extends Error {
  readonly rule: Rule;
  /** Of the CONNACK that a hub answers first; undefined: it answers nothing. */
  readonly returnCode: number | undefined;

  /** `packet` is what broke the rule, such as `PUBLISH`. */
  constructor(packet: string, rule: Rule, returnCode?: number) {
    super(`${packet}: ${ruleText(rule)}`);
    this.rule = rule;
    this.returnCode = returnCode;
  }
}
