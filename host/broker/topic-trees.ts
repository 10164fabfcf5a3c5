/**
 * Trees of topic levels [MQTT 3.1.1, 4.7]. One finds the subscriptions that match a topic name, the other the topic names that
 * match a filter. Only matching branches are visited. The depth is limited by TOPIC_LEVELS_MAX.
 */
const ONE = "+";
const REST = "#";

/** The approximate memory of a level in a tree. */
const LEVEL_BYTES = 300;

/** The memory of a topic in a tree, if it shares no level with another. */
export function placeBytes(topic: string): number {
  let levels = 1;
  for (let at = topic.indexOf("/"); at >= 0; at = topic.indexOf("/", at + 1)) levels++;
  return topic.length + levels * LEVEL_BYTES;
}

interface Level<Value> {
  readonly below: Map<string, Level<Value>>;
  value: Value | undefined;
}

function level<Value>(): Level<Value> {
  return { below: new Map(), value: undefined };
}

/** A tree of values by topic name or topic filter. */
class LevelTree<Value> {
  protected readonly root = level<Value>();

  get(topic: string): Value | undefined {
    let place: Level<Value> | undefined = this.root;
    for (const name of topic.split("/")) place = place?.below.get(name);
    return place?.value;
  }

  set(topic: string, value: Value): void {
    let place = this.root;
    for (const name of topic.split("/")) {
      let next = place.below.get(name);
      if (!next) {
        next = level();
        place.below.set(name, next);
      }
      place = next;
    }
    place.value = value;
  }

  each(found: (value: Value) => void): void {
    walk(this.root);

    function walk(place: Level<Value>): void {
      if (place.value !== undefined) found(place.value);
      for (const next of place.below.values()) walk(next);
    }
  }

  /** Deletes a topic, and the levels that no other topic needs. */
  delete(topic: string): void {
    this.#delete(this.root, topic.split("/"), 0);
  }

  #delete(place: Level<Value>, names: readonly string[], index: number): void {
    const name = names[index];
    if (name === undefined) {
      place.value = undefined;
      return;
    }
    const next = place.below.get(name);
    if (!next) return;
    this.#delete(next, names, index + 1);
    if (next.value === undefined && next.below.size === 0) place.below.delete(name);
  }
}

/** A tree of values by topic filter. */
export class FilterTree<Value> extends LevelTree<Value> {
  /** Calls `found` with the value of each filter that matches the topic name. */
  match(topicName: string, found: (value: Value) => void): void {
    const names = topicName.split("/");
    // [MQTT-4.7.2-1]
    const wildcardsFrom = topicName.startsWith("$") ? 1 : 0;
    walk(this.root, 0);

    function walk(place: Level<Value>, index: number): void {
      const mayBeWild = index >= wildcardsFrom;
      // "#" stands for its parent too [4.7.1.2].
      const rest = mayBeWild ? place.below.get(REST) : undefined;
      if (rest?.value !== undefined) found(rest.value);
      if (index === names.length) {
        if (place.value !== undefined) found(place.value);
        return;
      }
      const next = place.below.get(names[index] as string);
      if (next) walk(next, index + 1);
      const one = mayBeWild ? place.below.get(ONE) : undefined;
      if (one) walk(one, index + 1);
    }
  }
}

/** A tree of values by topic name. */
export class NameTree<Value> extends LevelTree<Value> {
  /** Calls `found` with the value of each topic name that the filter matches. */
  match(topicFilter: string, found: (value: Value) => void): void {
    const names = topicFilter.split("/");
    walk(this.root, 0, true);

    function walk(place: Level<Value>, index: number, isFirst = false): void {
      const name = names[index];
      if (name === undefined || name === REST) {
        if (place.value !== undefined) found(place.value);
      }
      if (name === undefined) return;
      if (name !== ONE && name !== REST) {
        const next = place.below.get(name);
        if (next) walk(next, index + 1);
        return;
      }
      for (const [below, next] of place.below) {
        // [MQTT-4.7.2-1]
        if (isFirst && below.startsWith("$")) continue;
        walk(next, name === REST ? index : index + 1);
      }
    }
  }
}
