/** What topic filters say of each other [MQTT 3.1.1, 4.7]: which topics do both have, and has one all that another has? */

const TOPIC_BYTES_MAX = 65_535;

/** [MQTT-4.7.1-2, MQTT-4.7.1-3, MQTT-4.7.3-1] */
export function isTopicFilter(text: string): boolean {
  const levels = text.split("/");
  const isWellFormed = levels.every((level, index) => {
    if (level === "#") return index === levels.length - 1;
    return level === "+" || !/[+#]/.test(level);
  });
  return (
    isWellFormed && text.length > 0 && !text.includes("\0") && Buffer.byteLength(text) <= TOPIC_BYTES_MAX
  );
}

/** Whether each topic that `filter` matches is matched by `whole` too. */
export function covers(whole: string, filter: string): boolean {
  return !isHidden(whole, filter) && coversLevels(levelsOf(whole), levelsOf(filter));
}

/** Whether there is a topic that both match. */
export function overlaps(one: string, other: string): boolean {
  if (isHidden(one, other) || isHidden(other, one)) return false;
  return overlapsLevels(levelsOf(one), levelsOf(other));
}

/** A wildcard at the first level matches no topic that begins with $ [MQTT-4.7.2-1]. */
function isHidden(wild: string, filter: string): boolean {
  return /^[+#]/.test(wild) && filter.startsWith("$");
}

/** "#" alone is "+/#": a topic has at least one level. */
function levelsOf(filter: string): readonly string[] {
  return filter === "#" ? ["+", "#"] : filter.split("/");
}

function coversLevels(
  [wide, ...wideRest]: readonly string[],
  [narrow, ...narrowRest]: readonly string[],
): boolean {
  // "#" stands for its parent too [4.7.1.2].
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
