import { Devices } from "../devices/known-devices.ts";
import { MessageLog } from "../messages/message-log.ts";
import { Observable } from "../observable.ts";
import { SeriesStore } from "../plots/series.ts";
import { numericFields, readPayload } from "./payload.ts";

export type Link = "connecting" | "connected" | "refused";

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: number;
  readonly retain: boolean;
  readonly timeMs: number;
}

/** All that the page knows, and who wants to hear that it changed. It draws nothing and sends nothing. */
export class HubModel extends Observable {
  readonly log = new MessageLog();
  readonly devices = new Devices();
  readonly series = new SeriesStore();
  #link: Link = "connecting";

  get link(): Link {
    return this.#link;
  }

  setLink(link: Link): void {
    this.#link = link;
    this.changed();
  }

  receive(message: ReceivedMessage): void {
    const { topic, qos, retain, timeMs } = message;
    const payload = readPayload(message.payload);
    this.log.add({ topic, payload, qos, retain, timeMs });
    this.devices.receive({ topic, payload, retain, timeMs });
    // The time of a retained value is not known, so it has no place on a time axis.
    if (!retain) this.series.add(topic, numericFields(payload), timeMs);
    this.changed();
  }

  clearLog(): void {
    this.log.clear();
    this.changed();
  }
}
