/**
 * The pins of a board by `@espruino-tools/core`, over the console that the page has: the package's own line is not used,
 * since two readers of one port would take each other's bytes.
 *
 * What version 1.2 leaves to its user is mended here. `test/page/espruino-tools-core.test.ts` holds each of these defects to
 * the package itself, and fails when it is mended there.
 */
import { DeviceController } from "@espruino-tools/core";
import { MotekitError } from "../../errors.ts";
import type { BoardConsole } from "../../serial/console.ts";

/** What the package asks of a connection. */
interface CoreConnection {
  write(statement: string): void;
  /** Defect: the package's `eval` resolves with both arguments as one object, whatever its type says. */
  eval(expression: string, done: (value: unknown, log: string) => void): void;
  close(): void;
}

interface Evaluated {
  readonly data: unknown;
  readonly log: string;
}

const ANSWERED = "success";

/**
 * Defects: `connect` pulses LED2 and `disconnect` LED1, which boards may not have; `connect` neither calls back nor rejects
 * where nothing answers, and throws away what it has learnt. Neither is called: who is there is known before.
 */
export class CoreController {
  readonly #controller = new DeviceController();
  readonly #console: BoardConsole;
  /** Statements go one after another. */
  #last: Promise<void> = Promise.resolve();

  /** The console's interpreter has been identified. */
  constructor(console: BoardConsole) {
    this.#console = console;
    const connection: CoreConnection = {
      write: (statement) => {
        this.#last = this.#last.then(() => this.#console.run(statement.trim()));
        // Whoever waits for it is told.
        this.#last.catch(() => undefined);
      },
      eval: (expression, done) => {
        this.#console.evaluateJson(expression).then(
          (value) => done(value, ANSWERED),
          (error: Error) => done(error, "error"),
        );
      },
      close: () => undefined,
    };
    this.#controller.UART = connection as never;
  }

  /** @throws as `evaluateJson`. */
  async read(pin: string): Promise<number> {
    const { data, log } = (await this.#controller.Pin.val(pin)) as unknown as Evaluated;
    if (log !== ANSWERED) throw data;
    return Number(data);
  }

  /** @throws as `run`. */
  toggle(pin: string): Promise<void> {
    this.#controller.Pin.digitalToggle(pin);
    return this.#last;
  }

  /** The pin is an input again. @throws as `run`. */
  reset(pin: string): Promise<void> {
    this.#controller.Pin.reset(pin);
    return this.#last;
  }
}

const PIN = /^[A-Z]+\d+$/;

/** @throws MK1711 it is no pin's name, which the package would run as code. */
export function pinName(text: string): string {
  const name = text.trim();
  if (PIN.test(name)) return name;
  throw new MotekitError({
    code: "MK1711",
    message: `"${name}" is no pin's name.`,
    remedy: "Write it as Espruino spells it, such as D2.",
  });
}
