import { useState } from "preact/hooks";
import type { Publication } from "../connection/hub-connection.ts";
import { afterPress } from "../controls/press.ts";
import type { HubModel } from "../model/hub-model.ts";
import { payloadLine } from "../model/text/payload.ts";
import { visibleText } from "../model/text/visible-text.ts";
import { TOPICS_MAX, type TopicNode, type TreeRow, treeRows } from "../model/topic-tree.ts";

const ROWS_MAX = 500;
/** A branch with few topics is open until the user closes it. */
const OPEN_TOPICS_MAX = 12;
const VALUE_CHARACTERS_MAX = 80;

export interface TopicPanelProps {
  readonly model: HubModel;
  readonly chosen: string | undefined;
  readonly choose: (topic: string | undefined) => void;
  readonly publish: (publication: Publication) => Promise<void>;
}

/** The topics as a tree. The keys follow the ARIA pattern for trees. */
export function TopicPanel({ model, chosen, choose, publish }: TopicPanelProps) {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [focused, setFocused] = useState<string | undefined>(undefined);
  const { root, beyond } = model.tree;
  const isOpen = (node: TopicNode): boolean => toggled.get(node.topic) ?? node.topics <= OPEN_TOPICS_MAX;
  const setOpen = (node: TopicNode, open: boolean): void =>
    setToggled((current) => new Map(current).set(node.topic, open));
  const rows = treeRows(root, isOpen, ROWS_MAX);
  const move = (row: TreeRow, index: number, event: KeyboardEvent): void => {
    const target = targetOf(event.key, rows, row, index);
    if (event.key === "ArrowRight" && row.node.children.size > 0 && !row.isOpen) setOpen(row.node, true);
    else if (event.key === "ArrowLeft" && row.isOpen) setOpen(row.node, false);
    else if (event.key === "Enter" || event.key === " ") choose(row.node.topic);
    else if (!target) return;
    event.preventDefault();
    if (!target) return;
    setFocused(target.node.topic);
    const items = (event.currentTarget as HTMLElement).parentElement?.children;
    (items?.[rows.indexOf(target)] as HTMLElement | undefined)?.focus();
  };
  const tabStop = rows.some(({ node }) => node.topic === focused) ? focused : rows[0]?.node.topic;
  return (
    <section class="panel topics-panel" aria-labelledby="topics-title">
      <div class="panel-head">
        <h2 id="topics-title">Topics</h2>
        <span class="quiet">{root.topics}</span>
      </div>
      {rows.length === 0 && <p class="empty">No topics yet.</p>}
      <div class="topics" role="tree" aria-label="Topics">
        {rows.map((row, index) => (
          <TopicRow
            key={row.node.topic}
            row={row}
            isChosen={row.node.topic === chosen}
            isTabStop={row.node.topic === tabStop}
            choose={() => choose(row.node.topic === chosen ? undefined : row.node.topic)}
            setOpen={(open) => setOpen(row.node, open)}
            onKey={(event) => move(row, index, event)}
            // A press moves the focus. Without `afterPress` the tree would render before the release.
            onFocus={() => afterPress(() => setFocused(row.node.topic))}
          />
        ))}
      </div>
      {rows.length >= ROWS_MAX && (
        <p class="panel-foot">Shows the first {ROWS_MAX} rows. Close branches to see others.</p>
      )}
      {beyond > 0 && (
        <p class="panel-foot">
          {beyond} messages are not shown here, because the tree has its maximum of {TOPICS_MAX} topics.
        </p>
      )}
      {chosen !== undefined && <TopicTools node={model.tree.find(chosen)} publish={publish} />}
    </section>
  );
}

function targetOf(key: string, rows: readonly TreeRow[], row: TreeRow, index: number): TreeRow | undefined {
  if (key === "ArrowDown") return rows[index + 1];
  if (key === "ArrowUp") return rows[index - 1];
  if (key === "Home") return rows[0];
  if (key === "End") return rows.at(-1);
  if (key === "ArrowRight" && row.isOpen) return rows[index + 1];
  if (key !== "ArrowLeft" || row.isOpen) return undefined;
  return rows.slice(0, index).findLast(({ depth }) => depth < row.depth);
}

interface TopicRowProps {
  readonly row: TreeRow;
  readonly isChosen: boolean;
  readonly isTabStop: boolean;
  readonly choose: () => void;
  readonly setOpen: (open: boolean) => void;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onFocus: () => void;
}

function TopicRow({ row, isChosen, isTabStop, choose, setOpen, onKey, onFocus }: TopicRowProps) {
  const { node, depth, isOpen } = row;
  const hasChildren = node.children.size > 0;
  return (
    <div
      class={isChosen ? "topic topic-chosen" : "topic"}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={isChosen}
      {...(hasChildren && { "aria-expanded": isOpen })}
      tabIndex={isTabStop ? 0 : -1}
      data-branch={node.topic}
      style={{ paddingLeft: `${12 + Math.min(depth, 12) * 14}px` }}
      onClick={choose}
      onKeyDown={onKey}
      onFocus={onFocus}
    >
      <span
        class={hasChildren ? "topic-fold" : "topic-leaf"}
        aria-hidden="true"
        onClick={(event) => {
          if (!hasChildren) return;
          event.stopPropagation();
          setOpen(!isOpen);
        }}
      >
        {hasChildren && (isOpen ? "▾" : "▸")}
      </span>
      <span class="topic-level">{node.level === "" ? "(empty)" : visibleText(node.level)}</span>
      {node.isRetained && (
        <span class="mark" title="The hub has a retained message of this topic">
          <span class="hidden">, </span>retained
        </span>
      )}
      {node.last && (
        <>
          <span class="hidden">, last </span>
          <span class="topic-value">{payloadLine(node.last.payload, VALUE_CHARACTERS_MAX)}</span>
        </>
      )}
      <span class="hidden">, </span>
      <span class="topic-count number">
        {node.count}
        <span class="hidden">{node.count === 1 ? " message" : " messages"}</span>
      </span>
    </div>
  );
}

function TopicTools(props: { node: TopicNode | undefined; publish: TopicPanelProps["publish"] }) {
  const { node, publish } = props;
  const [failure, setFailure] = useState<string | undefined>(undefined);
  if (!node?.isRetained) return null;
  // A retained message with an empty payload removes the retained message [MQTT-3.3.1-10].
  const clear = (): void => {
    setFailure(undefined);
    publish({ topic: node.topic, payload: "", qos: 1, retain: true }).catch((error: Error) =>
      setFailure(error.message),
    );
  };
  return (
    <p class="panel-foot topic-tools">
      <button type="button" class="button" onClick={clear}>
        Clear retained message
      </button>
      <span class="alarm" role="status">
        {failure}
      </span>
    </p>
  );
}
