import type { RefObject } from "preact";
import { ROW_STATUSES, type RowOrder, type RowQuery } from "./device-rows.ts";
import { STATUS_LABELS } from "./device-table.tsx";

/** The search and the order of the rows. */
export interface RowChoice extends RowQuery {
  readonly order: RowOrder;
}

const ORDERS: readonly (readonly [order: RowOrder, label: string])[] = [
  ["name", "by name"],
  ["status", "by status"],
  ["lastSeen", "by last connection"],
  ["messages", "by messages"],
];

export interface RowToolsProps {
  readonly choice: RowChoice;
  readonly onChange: (choice: RowChoice) => void;
  readonly search: RefObject<HTMLInputElement | null>;
}

export function RowTools({ choice, onChange, search }: RowToolsProps) {
  return (
    <>
      <input
        ref={search}
        class="filter"
        type="search"
        aria-label="Find by name or ID"
        placeholder="Name or ID"
        autocomplete="off"
        spellcheck={false}
        value={choice.text}
        onInput={(event) => onChange({ ...choice, text: event.currentTarget.value })}
      />
      <select
        class="series-menu"
        aria-label="Status"
        value={choice.status}
        onChange={(event) => onChange({ ...choice, status: event.currentTarget.value as RowQuery["status"] })}
      >
        <option value="all">any status</option>
        {ROW_STATUSES.map((status) => (
          <option key={status} value={status}>
            {STATUS_LABELS[status].toLowerCase()}
          </option>
        ))}
      </select>
      <select
        class="series-menu"
        aria-label="Sort"
        value={choice.order}
        onChange={(event) => onChange({ ...choice, order: event.currentTarget.value as RowOrder })}
      >
        {ORDERS.map(([order, label]) => (
          <option key={order} value={order}>
            {label}
          </option>
        ))}
      </select>
    </>
  );
}
