import type { Link } from "../model/hub-model.ts";

/** The status of a connection as text. */
export function connectionStatusText(link: Link, nowMs = Date.now()): string {
  switch (link.state) {
    case "connected":
      return "Connected";
    case "connecting":
      return "Connecting…";
    case "waiting":
      return `Not connected. Retrying in ${Math.max(1, Math.ceil((link.retryAtMs - nowMs) / 1000))} s. ${link.reason}`;
    case "refused":
      return `Refused: ${link.reason}`;
    case "closed":
      return "Closed";
  }
}
