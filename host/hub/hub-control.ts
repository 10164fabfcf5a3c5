/** The control channel of a hub, with the actions and feeds of its program and of the hub itself. */
import type { HubMetrics } from "../control/hub-metrics.ts";
import type { FleetEvent } from "../control/simulated-boards.ts";
import { deviceActions } from "./devices/device-actions.ts";
import type { Profile } from "./devices/device-policy.ts";
import type { LiveDevices } from "./devices/live-devices.ts";
import { ControlChannel, type ControlFeed, type ControlOptions } from "./http/control-channel.ts";
import { wireActions } from "./wire/wire-actions.ts";
import { WireTap } from "./wire/wire-tap.ts";

export interface HubControl {
  readonly channel: ControlChannel | undefined;
  readonly tap: WireTap | undefined;
}

export interface ControlledHub {
  metrics(): HubMetrics;
  /** Ends a client's connections. */
  evict(clientId: string, reason: string): void;
}

export interface HubControlOptions {
  /** If undefined, there is no control channel. */
  readonly control?: ControlOptions;
  readonly hubFolder?: string;
  readonly profile?: Profile;
}

export function openControl(
  { control, hubFolder, profile = "open" }: HubControlOptions,
  devices: LiveDevices | undefined,
  hub: ControlledHub,
): HubControl {
  if (!control) return { channel: undefined, tap: undefined };
  const tap = new WireTap({ now: Date.now, isOwner: (password) => channel.isToken(password) });
  const wire = wireActions(tap, (clientId) => hub.evict(clientId, "the hub's page disconnected it"));
  const kept = devices && hubFolder !== undefined ? { hubFolder, live: devices } : undefined;
  const channel = new ControlChannel({
    actions: {
      ...control.actions,
      ...deviceActions(profile, kept),
      ...wire.actions,
      metrics: async () => hub.metrics(),
    },
    feeds: { simulatedBoards: reportNoBoards, ...control.feeds, ...wire.feeds },
  });
  return { channel, tap };
}

/** The feed of simulated boards of a program that simulates none. */
const reportNoBoards: ControlFeed = (_argument, emit) => {
  const none: FleetEvent = { kind: "boards", boards: [] };
  emit(none);
};
