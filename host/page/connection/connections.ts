/** The connections of the page, one of which is shown. The first is the connection to the hub that serves the page. */
import type { Direction } from "../../mqtt/packet-types.ts";
import { Observable } from "../model/observable.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { HubConnection } from "./hub-connection.ts";

export const CONNECTIONS_MAX = 8;

export interface PageFrame {
  readonly connection: HubConnection;
  readonly direction: Direction;
  readonly bytes: Uint8Array;
}

export class Connections extends Observable {
  readonly #onFrame: (frame: PageFrame) => void;
  #all: readonly HubConnection[] = [];
  #shown: HubConnection;
  #count = 0;

  constructor(first: ConnectionSettings, onFrame: (frame: PageFrame) => void) {
    super();
    this.#onFrame = onFrame;
    this.#shown = this.add(first);
  }

  get all(): readonly HubConnection[] {
    return this.#all;
  }

  get shown(): HubConnection {
    return this.#shown;
  }

  show(connection: HubConnection): void {
    this.#shown = connection;
    this.changed();
  }

  /** Adds a connection and shows it. */
  add(settings: ConnectionSettings): HubConnection {
    const connection = new HubConnection(++this.#count, settings, (direction, bytes) =>
      this.#onFrame({ connection, direction, bytes }),
    );
    this.#all = [...this.#all, connection];
    this.show(connection);
    return connection;
  }

  /** Closes and removes a connection. The first one cannot be removed. */
  remove(connection: HubConnection): void {
    const [first] = this.#all;
    if (!first || connection === first) return;
    connection.close();
    this.#all = this.#all.filter((each) => each !== connection);
    if (this.#shown === connection) this.show(first);
    else this.changed();
  }
}
