import { z } from "zod";
import { ruleText } from "./rules.ts";
import { brokenTopicFilterRule } from "./topics.ts";

/** The schema of a topic filter from a person or a browser. The issue names the rule that it breaks. */
export const topicFilterSchema = z.string().superRefine((topicFilter, context) => {
  const broken = brokenTopicFilterRule(topicFilter);
  if (broken) context.addIssue({ code: "custom", message: `not a valid topic filter: ${ruleText(broken)}` });
});
