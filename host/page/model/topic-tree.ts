/** The topics that messages came on, level by level, with how many came and the last of them. */
import type { LoggedMessage } from "./message.ts";

export const TOPICS_MAX = 5_000;
/** Of one topic; of all together no more than HISTORY_ALL_MAX. */
export const HISTORY_MAX = 100;
const HISTORY_ALL_MAX = 20_000;
/** Once histories hold too much, each keeps so many. */
const HISTORY_SHORT = 5;

export interface TopicNode {
  /** The level's text; empty levels are levels too. */
  readonly level: string;
  /** The whole topic up to here. */
  readonly topic: string;
  readonly children: ReadonlyMap<string, TopicNode>;
  /** Messages on this topic and on those below it. */
  readonly count: number;
  /** Topics at and below it that had messages. */
  readonly topics: number;
  /** Undefined where no message came on this very topic. */
  readonly last: LoggedMessage | undefined;
  /** The last on this very topic, oldest first. */
  readonly history: readonly LoggedMessage[];
  /** The hub keeps a message for this topic, as far as this page has seen. */
  readonly isRetained: boolean;
}

class Node implements TopicNode {
  readonly level: string;
  readonly topic: string;
  readonly children = new Map<string, Node>();
  count = 0;
  topics = 0;
  last: LoggedMessage | undefined;
  history: LoggedMessage[] = [];
  isRetained = false;

  constructor(level: string, topic: string) {
    this.level = level;
    this.topic = topic;
  }
}

export class TopicTree {
  #root = new Node("", "");
  #held = 0;
  #untold = 0;

  get root(): TopicNode {
    return this.#root;
  }

  /** Messages on topics beyond TOPICS_MAX, which have no place in the tree. */
  get beyond(): number {
    return this.#untold;
  }

  add(message: LoggedMessage): void {
    const path = this.#open(message.topic);
    if (!path) {
      this.#untold++;
      return;
    }
    const leaf = path.at(-1) as Node;
    const isNew = leaf.last === undefined;
    for (const node of path) {
      node.count++;
      if (isNew) node.topics++;
    }
    leaf.last = message;
    if (message.retain) leaf.isRetained = true;
    leaf.history.push(message);
    this.#held++;
    if (leaf.history.length > HISTORY_MAX) {
      leaf.history.shift();
      this.#held--;
    }
    if (this.#held > HISTORY_ALL_MAX) this.#shorten(this.#root);
  }

  /** This page had the hub keep a message, or clear it. */
  noteRetained(topic: string, isRetained: boolean): void {
    const node = this.find(topic) as Node | undefined;
    if (node) node.isRetained = isRetained;
  }

  find(topic: string): TopicNode | undefined {
    let node: Node | undefined = this.#root;
    for (const level of topic.split("/")) node = node?.children.get(level);
    return node;
  }

  clear(): void {
    this.#root = new Node("", "");
    this.#held = 0;
    this.#untold = 0;
  }

  /** From the root to the topic; undefined where there is no room for another. */
  #open(topic: string): Node[] | undefined {
    const levels = topic.split("/");
    const path = [this.#root];
    for (const [index, level] of levels.entries()) {
      const parent = path.at(-1) as Node;
      let node = parent.children.get(level);
      if (!node) {
        if (this.#root.topics >= TOPICS_MAX) return undefined;
        node = new Node(level, levels.slice(0, index + 1).join("/"));
        parent.children.set(level, node);
      }
      path.push(node);
    }
    return path;
  }

  #shorten(node: Node): void {
    if (node.history.length > HISTORY_SHORT) {
      this.#held -= node.history.length - HISTORY_SHORT;
      node.history = node.history.slice(-HISTORY_SHORT);
    }
    for (const child of node.children.values()) this.#shorten(child);
  }
}

export interface TreeRow {
  readonly node: TopicNode;
  readonly depth: number;
  readonly isOpen: boolean;
}

/**
 * The rows that a tree shows: children of what is open, in the order of their names. `isOpen` is asked for nodes that have
 * children. At most `rowsMax`.
 */
export function treeRows(root: TopicNode, isOpen: (node: TopicNode) => boolean, rowsMax: number): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (parent: TopicNode, depth: number): void => {
    const children = [...parent.children.values()].sort((one, other) => compare(one.level, other.level));
    for (const node of children) {
      if (rows.length >= rowsMax) return;
      const isNodeOpen = node.children.size > 0 && isOpen(node);
      rows.push({ node, depth, isOpen: isNodeOpen });
      if (isNodeOpen) add(node, depth + 1);
    }
  };
  add(root, 0);
  return rows;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
