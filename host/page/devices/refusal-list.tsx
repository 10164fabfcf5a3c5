import type { ClientMetrics, LastRefusal } from "../../control/hub-metrics.ts";
import { formatAgo } from "../controls/format.ts";
import { visibleText } from "../model/text/visible-text.ts";

const SHOWN_MAX = 5;

export interface RefusalListProps {
  readonly clients: readonly ClientMetrics[];
  readonly nowMs: number;
}

interface Refused {
  readonly clientId: string;
  readonly refusal: LastRefusal;
}

/** The hub's last refusals with reason and remedy. Nothing if it refused no client. */
export function RefusalList({ clients, nowMs }: RefusalListProps) {
  const refused = clients
    .flatMap(({ clientId, lastRefusal }): Refused[] =>
      lastRefusal ? [{ clientId, refusal: lastRefusal }] : [],
    )
    .sort((one, other) => other.refusal.atMs - one.refusal.atMs)
    .slice(0, SHOWN_MAX);
  if (refused.length === 0) return null;
  return (
    <>
      <h3 class="refusals-title">Refused</h3>
      <ul class="refusals">
        {refused.map(({ clientId, refusal }) => (
          <li key={clientId}>
            <strong>{visibleText(clientId) || "(no identifier)"}</strong>{" "}
            <span class="quiet">
              {refusal.packet}, {formatAgo(refusal.atMs, nowMs)}
            </span>
            <br />
            {refusal.rule}. {refusal.remedy}
          </li>
        ))}
      </ul>
    </>
  );
}
