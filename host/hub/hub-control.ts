/** The control channel of a hub: what its program gives it, and what the hub itself can tell and do. */
import type { HubMetrics } from "../control/hub-metrics.ts";
import { ControlChannel, type ControlOptions } from "./control-channel.ts";
import { wireActions } from "./wire/wire-actions.ts";
import { WireTap } from "./wire/wire-tap.ts";

export interface HubControl {
  readonly channel: ControlChannel;
  readonly tap: WireTap;
}

export interface ControlledHub {
  metrics(): HubMetrics;
  /** Ends a client's connections. */
  evict(clientId: string, reason: string): void;
}

export function openControl({ actions, feeds }: ControlOptions, hub: ControlledHub): HubControl {
  const tap = new WireTap({ now: Date.now, isOwner: (password) => channel.isToken(password) });
  const wire = wireActions(tap, (clientId) => hub.evict(clientId, "the hub's page cut it off"));
  const channel = new ControlChannel({
    actions: { ...actions, ...wire.actions, metrics: async () => hub.metrics() },
    feeds: { ...feeds, ...wire.feeds },
  });
  return { channel, tap };
}
