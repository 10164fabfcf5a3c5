/** Does a topic filter match a topic name [MQTT 3.1.1, 4.7]? For single questions; `topic-trees.ts` answers many at once. */
export function matchesFilter(topicFilter: string, topicName: string): boolean {
  // [MQTT-4.7.2-1]
  if (topicName.startsWith("$") && /^[+#]/.test(topicFilter)) return false;
  return matchesLevels(topicFilter.split("/"), topicName.split("/"));
}

function matchesLevels(filter: readonly string[], name: readonly string[]): boolean {
  const [wanted, ...filterRest] = filter;
  const [level, ...nameRest] = name;
  // "#" stands for its parent too [4.7.1.2].
  if (wanted === "#") return true;
  if (wanted === undefined || level === undefined) return wanted === undefined && level === undefined;
  return (wanted === "+" || wanted === level) && matchesLevels(filterRest, nameRest);
}
