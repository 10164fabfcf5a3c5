import { Devices } from "./devices.ts";
import { MessageLog } from "./message-log.ts";
import { numericFields, readPayload } from "./payload.ts";
import { SeriesStore } from "./series.ts";

export type Link = "connecting" | "connected" | "refused";

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: number;
  readonly retain: boolean;
  readonly timeMs: number;
}

/** All that the page knows, and who wants to hear that it changed. It draws nothing and sends nothing. */
export class HubModel {
  readonly log = new MessageLog();
  readonly devices = new Devices();
  readonly series = new SeriesStore();
  #link: Link = "connecting";
  readonly #listeners = new Set<() => void>();

  get link(): Link {
    return this.#link;
  }

  /** Returns the function that ends the subscription. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setLink(link: Link): void {
    this.#link = link;
    this.#changed();
  }

  receive(message: ReceivedMessage): void {
    const { topic, qos, retain, timeMs } = message;
    const payload = readPayload(message.payload);
    this.log.add({ topic, payload, qos, retain, timeMs });
    this.devices.receive({ topic, payload, retain, timeMs });
    // The time of a retained value is not known, so it has no place on a time axis.
    if (!retain) this.series.add(topic, numericFields(payload), timeMs);
    this.#changed();
  }

  clearLog(): void {
    this.log.clear();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
