/** A mock hub on a virtual timeline, where boards reach it over their virtual networks. */
import type { MockHub } from "../mock-hub/mock-hub.ts";
import type { ScheduledCall } from "../simulator/clock.ts";
import type { VirtualLane, VirtualTimeline } from "../simulator/virtual-clock.ts";
import type { Peer } from "../simulator/virtual-network.ts";

export class VirtualHub implements Peer {
  readonly hub: MockHub;
  readonly #lane: VirtualLane;
  #alarm: ScheduledCall | undefined;
  #alarmMs = Number.POSITIVE_INFINITY;

  constructor(hub: MockHub, timeline: VirtualTimeline) {
    this.hub = hub;
    this.#lane = timeline.createLane();
  }

  accept(wire: { send(bytes: Uint8Array): void; close(): void }): ReturnType<Peer["accept"]> {
    const entrance = this.run((hub, nowMs) => hub.open(wire, nowMs));
    return {
      received: (bytes) => this.run((_hub, nowMs) => entrance.receive(bytes, nowMs)),
      closed: () => this.run((_hub, nowMs) => entrance.closed(nowMs)),
    };
  }

  /** All that is done to the hub goes through here, because it may change when the hub wants to be woken. */
  run<Result>(action: (hub: MockHub, nowMs: number) => Result): Result {
    const result = action(this.hub, this.#lane.uptimeMs());
    const dueMs = this.hub.nextDueMs();
    if (dueMs !== this.#alarmMs) this.#setAlarm(dueMs);
    return result;
  }

  /** Runs `action` at a time to come. */
  runIn(delayMs: number, action: (hub: MockHub, nowMs: number) => void): void {
    this.#lane.schedule(delayMs, () => this.run(action));
  }

  #setAlarm(dueMs: number): void {
    this.#alarm?.cancel();
    this.#alarmMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#alarm = this.#lane.schedule(dueMs - this.#lane.uptimeMs(), () => {
      this.#alarmMs = Number.POSITIVE_INFINITY;
      this.run((hub, nowMs) => hub.tick(nowMs));
    });
  }
}
