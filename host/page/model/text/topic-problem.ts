import { ruleText } from "../../../mqtt/rules.ts";
import { brokenTopicNameRule } from "../../../mqtt/topics.ts";

/** The problem of a topic to publish to, or undefined. */
export function problemOfTopic(topic: string): string | undefined {
  if (topic === "") return "A message needs a topic. Enter one.";
  const broken = brokenTopicNameRule(topic);
  if (broken) return `The topic is not valid: ${ruleText(broken)}.`;
  return topic.startsWith("$") ? "Only the hub may publish to topics that begin with $." : undefined;
}
