/** What the specification forbids in topic names and topic filters [4.7]. */

export function faultOfTopicName(name: string): string | undefined {
  if (name === "") return "a topic has at least one character [MQTT-4.7.3-1]";
  return /[+#]/.test(name) ? "a topic name has no wildcards [MQTT-3.3.2-2]" : undefined;
}

export function faultOfTopicFilter(filter: string): string | undefined {
  if (filter === "") return "a topic filter has at least one character [MQTT-4.7.3-1]";
  const levels = filter.split("/");
  const hasHashBefore = levels.slice(0, -1).some((level) => level.includes("#"));
  if (hasHashBefore || (levels.at(-1) !== "#" && levels.at(-1)?.includes("#")))
    return "# stands alone at the end [MQTT-4.7.1-2]";
  return levels.some((level) => level.includes("+") && level !== "+")
    ? "+ stands for a whole level [MQTT-4.7.1-3]"
    : undefined;
}
