import { z } from "zod";
import { ruleText } from "./rules.ts";
import { brokenTopicFilterRule } from "./topics.ts";

/** A topic filter that a person or a browser gives; what it breaks is said. */
export const topicFilterSchema = z.string().superRefine((topicFilter, context) => {
  const broken = brokenTopicFilterRule(topicFilter);
  if (broken) context.addIssue({ code: "custom", message: `no topic filter: ${ruleText(broken)}` });
});
