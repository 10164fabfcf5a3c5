import { ruleText } from "../../../mqtt/rules.ts";
import { brokenTopicNameRule } from "../../../mqtt/topics.ts";

/** What is wrong with a topic that a person wants to publish to, or undefined. */
export function problemOfTopic(topic: string): string | undefined {
  if (topic === "") return "A message needs a topic.";
  const broken = brokenTopicNameRule(topic);
  if (broken) return `A message cannot go to this topic: ${ruleText(broken)}.`;
  return topic.startsWith("$") ? "Topics that begin with $ are the hub's own." : undefined;
}
