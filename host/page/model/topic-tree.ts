/** The topics of received messages as a tree of levels, with counts, the last message and a history. */
import type { LoggedMessage } from "./message.ts";

export const TOPICS_MAX = 5_000;
/** Messages in the history of one topic. All histories together have up to HISTORY_ALL_MAX. */
export const HISTORY_MAX = 100;
const HISTORY_ALL_MAX = 20_000;
/** Length to which each history is cut when all together have too many messages. */
const HISTORY_SHORT = 5;

export interface TopicNode {
  /** The text of the level, which may be empty. */
  readonly level: string;
  /** The topic up to this level. */
  readonly topic: string;
  readonly children: ReadonlyMap<string, TopicNode>;
  /** The number of messages of this topic and the topics below it. */
  readonly count: number;
  /** The number of topics with messages, at and below this level. */
  readonly topics: number;
  /** The last message of exactly this topic, or undefined. */
  readonly last: LoggedMessage | undefined;
  /** The last messages of exactly this topic, oldest first. */
  readonly history: readonly LoggedMessage[];
  /** True if the hub has a retained message of this topic, as far as this page knows. */
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
  #historySize = 0;
  #messagesBeyond = 0;

  get root(): TopicNode {
    return this.#root;
  }

  /** The number of messages of topics that are not in the tree, because it has TOPICS_MAX topics. */
  get beyond(): number {
    return this.#messagesBeyond;
  }

  add(message: LoggedMessage): void {
    const path = this.#open(message.topic);
    if (!path) {
      this.#messagesBeyond++;
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
    this.#historySize++;
    if (leaf.history.length > HISTORY_MAX) {
      leaf.history.shift();
      this.#historySize--;
    }
    if (this.#historySize > HISTORY_ALL_MAX) this.#shorten(this.#root);
  }

  /** Records that this page published a retained message, or cleared it. */
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
    this.#historySize = 0;
    this.#messagesBeyond = 0;
  }

  /** The nodes from the root to the topic, which are created if needed. Undefined if the tree is full. */
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
      this.#historySize -= node.history.length - HISTORY_SHORT;
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
 * The visible rows of the tree, at most `rowsMax`: the children of open nodes, sorted by name. `isOpen` is called for nodes
 * with children.
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
