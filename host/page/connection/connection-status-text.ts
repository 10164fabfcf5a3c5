import type { Link } from "../model/hub-model.ts";

/** How a connection is, in words. */
export function connectionStatusText(link: Link, nowMs = Date.now()): string {
  switch (link.state) {
    case "connected":
      return "Connected";
    case "connecting":
      return "Connecting…";
    case "waiting":
      return `Not connected: again in ${Math.max(1, Math.ceil((link.retryAtMs - nowMs) / 1000))} s. ${link.why}`;
    case "refused":
      return `Refused: ${link.why}`;
    case "closed":
      return "Closed";
  }
}
