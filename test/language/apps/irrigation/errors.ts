export class IrrigationError extends Error {
  readonly zone: string | undefined;

  constructor(message: string, zone?: string) {
    super(zone ? `${zone}: ${message}` : message);
    this.zone = zone;
  }
}

export class ValveError extends IrrigationError {
  readonly attempts: number;

  constructor(zone: string, attempts: number) {
    super(`valve stuck after ${attempts} attempt${attempts === 1 ? "" : "s"}`, zone);
    this.attempts = attempts;
  }
}

export class TimeoutError extends IrrigationError {
  constructor(limitMs: number) {
    super(`no answer in ${limitMs} ms`);
  }
}
