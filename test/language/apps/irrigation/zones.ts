import { sleep } from "../check.ts";
import { ValveError } from "./errors.ts";
import { retry } from "./waiting.ts";

export const ZoneState = { Idle: "idle", Opening: "opening", Watering: "watering", Fault: "fault" } as const;
export type ZoneState = (typeof ZoneState)[keyof typeof ZoneState];

export type ZoneEvent =
  | { kind: "opened"; zone: string; flow: number }
  | { kind: "closed"; zone: string; litres: number }
  | { kind: "fault"; zone: string; reason: string };

export interface ZoneOptions {
  flow?: number;
  limits?: { litresMax?: number; moistureMax?: number };
  failures?: number;
}

type Listener = (event: ZoneEvent) => void;

export abstract class Zone {
  static #count = 0;
  readonly name: string;
  readonly id: number;
  state: ZoneState = ZoneState.Idle;
  protected readonly flow: number;
  readonly #litresMax: number;
  readonly #listeners = new Set<Listener>();
  #litres = 0;

  constructor(name: string, { flow = 10, limits: { litresMax = 100 } = {} }: ZoneOptions = {}) {
    this.name = name;
    this.flow = flow;
    this.#litresMax = litresMax;
    this.id = ++Zone.#count;
  }

  static get count(): number {
    return Zone.#count;
  }

  get litres(): number {
    return this.#litres;
  }

  protected set litres(value: number) {
    this.#litres = Math.min(value, this.#litresMax);
  }

  get full(): boolean {
    return this.#litres >= this.#litresMax;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  protected emit(event: ZoneEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  abstract open(): Promise<void>;

  async water(minutes: number): Promise<number> {
    const before = this.litres;
    try {
      this.state = ZoneState.Opening;
      await this.open();
      this.state = ZoneState.Watering;
      this.emit({ kind: "opened", zone: this.name, flow: this.flow });
      await sleep(1);
      this.litres += minutes * this.flow;
      return this.litres - before;
    } catch (error) {
      this.state = ZoneState.Fault;
      this.emit({ kind: "fault", zone: this.name, reason: (error as Error).message });
      throw error;
    } finally {
      if (this.state !== ZoneState.Fault) {
        this.state = ZoneState.Idle;
        this.emit({ kind: "closed", zone: this.name, litres: this.litres });
      }
    }
  }

  describe(): string {
    return `#${this.id} ${this.name} (${this.state}, ${this.litres.toFixed(1)} l)`;
  }

  toJSON(): object {
    const { name, state, litres } = this;
    return { name, state, litres };
  }
}

export class SprinklerZone extends Zone {
  #failures: number;

  constructor(name: string, { failures = 0, ...options }: ZoneOptions = {}) {
    super(name, options);
    this.#failures = failures;
  }

  override async open(): Promise<void> {
    let attempts = 0;
    await retry(async () => {
      attempts++;
      await sleep(1);
      if (this.#failures-- > 0) throw new ValveError(this.name, attempts);
    });
  }

  override describe(): string {
    return `sprinkler ${super.describe()}`;
  }
}

export class DripZone extends Zone {
  moisture?: number;
  protected override readonly flow = 1.5;

  override async open(): Promise<void> {
    this.moisture ??= 20;
    await null;
  }

  override async water(minutes: number): Promise<number> {
    const given = await super.water(minutes);
    this.moisture = Math.min(100, (this.moisture ?? 0) + given * 2);
    return given;
  }

  override toJSON(): object {
    return { ...super.toJSON(), moisture: this.moisture };
  }
}
