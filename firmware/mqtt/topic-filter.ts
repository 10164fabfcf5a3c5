/** Whether a topic name matches a topic filter with `+` and `#` [MQTT 3.1.1, 4.7]. */
export function matchesTopicFilter(topicFilter: string, topicName: string): boolean {
  // Wildcards in the first level do not match topics that begin with $ [MQTT-4.7.2-1].
  if (topicName[0] === "$" && topicFilter[0] !== "$") return false;
  const filterLevels = topicFilter.split("/");
  const levels = topicName.split("/");
  for (let i = 0; i < filterLevels.length; i++) {
    const wanted = filterLevels[i];
    // "#" stands for the parent level too [4.7.1.2].
    if (wanted === "#") return true;
    if (i >= levels.length || (wanted !== "+" && wanted !== levels[i])) return false;
  }
  return filterLevels.length === levels.length;
}
