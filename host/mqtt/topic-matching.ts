/** Matches valid topic filters with topic names and with each other [MQTT 3.1.1, 4.7]. `topics.ts` checks validity. */

/** Whether a topic filter matches a topic name. The broker uses its trees instead, which match many filters at once. */
export function matchesFilter(topicFilter: string, topicName: string): boolean {
  return !isHidden(topicFilter, topicName) && matchesLevels(topicFilter.split("/"), topicName.split("/"));
}

/** Whether `whole` matches every topic name that `filter` matches. */
export function covers(whole: string, filter: string): boolean {
  return !isHidden(whole, filter) && coversLevels(levelsOf(whole), levelsOf(filter));
}

/** Whether there is a topic name that both filters match. */
export function overlaps(one: string, other: string): boolean {
  if (isHidden(one, other) || isHidden(other, one)) return false;
  return overlapsLevels(levelsOf(one), levelsOf(other));
}

/** A wildcard at the first level matches no topic that begins with $ [MQTT-4.7.2-1]. */
function isHidden(wild: string, topic: string): boolean {
  return topic.startsWith("$") && /^[+#]/.test(wild);
}

/** Splits a filter into levels. "#" alone equals "+/#", because a topic has at least one level. */
function levelsOf(filter: string): readonly string[] {
  return filter === "#" ? ["+", "#"] : filter.split("/");
}

function matchesLevels(filter: readonly string[], name: readonly string[]): boolean {
  for (const [index, wanted] of filter.entries()) {
    // "#" stands for its parent too [4.7.1.2].
    if (wanted === "#") return true;
    if (index >= name.length || (wanted !== "+" && wanted !== name[index])) return false;
  }
  return filter.length === name.length;
}

function coversLevels(
  [wide, ...wideRest]: readonly string[],
  [narrow, ...narrowRest]: readonly string[],
): boolean {
  if (wide === "#") return true;
  if (wide === undefined || narrow === undefined) return wide === narrow;
  if (narrow === "#") return false;
  return (wide === "+" || wide === narrow) && coversLevels(wideRest, narrowRest);
}

function overlapsLevels(
  [one, ...oneRest]: readonly string[],
  [other, ...otherRest]: readonly string[],
): boolean {
  if (one === "#" || other === "#") return true;
  if (one === undefined || other === undefined) return one === other;
  return (one === "+" || other === "+" || one === other) && overlapsLevels(oneRest, otherRest);
}
