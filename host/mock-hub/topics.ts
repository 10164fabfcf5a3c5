/** Topic names and topic filters [MQTT 3.1.1, 4.7]. Written for the mock hub alone, as a judge of the firmware's. */

const TOPIC_BYTES_MAX = 65_535;

/** [MQTT-3.3.2-2, MQTT-4.7.3-1, MQTT-4.7.3-2, MQTT-4.7.3-3] */
export function isTopicName(topic: string): boolean {
  return isTopic(topic) && !/[+#]/.test(topic);
}

/** [MQTT-4.7.1-2, MQTT-4.7.1-3] */
export function isTopicFilter(topicFilter: string): boolean {
  const levels = topicFilter.split("/");
  const isWellFormed = levels.every((level, index) => {
    if (level === "#") return index === levels.length - 1;
    return level === "+" || !/[+#]/.test(level);
  });
  return isTopic(topicFilter) && isWellFormed;
}

function isTopic(text: string): boolean {
  return text.length > 0 && !text.includes("\0") && Buffer.byteLength(text) <= TOPIC_BYTES_MAX;
}

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
