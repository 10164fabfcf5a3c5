/**
 * Access to a board's pins by `@espruino-tools/core`, over the page's console. The package's own serial connection is not
 * used, because two readers of one port would take each other's bytes.
 *
 * This file works around defects of version 1.2. `test/page/espruino-tools-core.test.ts` shows each defect in the package
 * itself, and fails when the package fixes it.
 */
import { DeviceController } from "@espruino-tools/core";
import { MotekitError } from "../../errors.ts";
import type { BoardConsole } from "../../serial/console.ts";

/** The methods of a connection that the package calls. */
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
 * Defects: `connect` pulses LED2 and `disconnect` LED1, which boards may not have. If nothing answers, `connect` neither
 * calls back nor rejects, and it discards its result. This class calls neither, because the page has identified the board.
 */
export class CoreController {
  readonly #controller = new DeviceController();
  readonly #console: BoardConsole;
  /** The end of the last statement. Statements run one after another. */
  #last: Promise<void> = Promise.resolve();

  /** The interpreter of the console must be identified. */
  constructor(console: BoardConsole) {
    this.#console = console;
    const connection: CoreConnection = {
      write: (statement) => {
        this.#last = this.#last.then(() => this.#console.run(statement.trim()));
        // The caller that awaits `#last` gets the error.
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

  /** Makes the pin an input again. @throws as `run`. */
  reset(pin: string): Promise<void> {
    this.#controller.Pin.reset(pin);
    return this.#last;
  }
}

const PIN = /^[A-Z]+\d+$/;

/** @throws MK1711 if the text is not the name of a pin. The package would run it as code. */
export function pinName(text: string): string {
  const name = text.trim();
  if (PIN.test(name)) return name;
  throw new MotekitError({
    code: "MK1711",
    message: `"${name}" is not the name of a pin.`,
    remedy: "Write the name as Espruino does, such as D2.",
  });
}
