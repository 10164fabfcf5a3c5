/** The page's serial connection to a board on this computer, and the board's console. */

import { ConsoleReader } from "../../monitor/console-reader.ts";
import { createRedactor } from "../../monitor/redactor.ts";
import { utf8Of } from "../../serial/bytes.ts";
import { BoardConsole, type Interpreter } from "../../serial/console.ts";
import type { Line, LineEnd } from "../../serial/line.ts";
import { bridgeOf, type UsbBridge } from "../../serial/ports.ts";
import { type BrowserPort, openWebLine } from "../../serial/web-line.ts";
import { formatTrace } from "../../trace/format-trace.ts";
import type { SourcePositions } from "../../trace/source-positions.ts";
import { Observable } from "../model/observable.ts";
import { ConsoleLog } from "./console-log.ts";

export type LinkState = "closed" | "opening" | "open";

export class BoardLink extends Observable {
  readonly log = new ConsoleLog();
  #state: LinkState = "closed";
  #port: BrowserPort | undefined;
  #console: BoardConsole | undefined;
  #reader: ConsoleReader;
  #interpreter: Interpreter | undefined;
  #positions: SourcePositions | undefined;
  #secrets: readonly string[] = [];

  constructor() {
    super();
    this.#reader = this.#createReader();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The interpreter that answered, or undefined if none has answered yet. */
  get interpreter(): Interpreter | undefined {
    return this.#interpreter;
  }

  /** The board's console. Throws if no board is connected. */
  get console(): BoardConsole {
    if (this.#console) return this.#console;
    throw new Error("No board is connected.");
  }

  get port(): BrowserPort | undefined {
    return this.#port;
  }

  /** Opens the port and looks for an interpreter without disturbing a running app. @throws as `openWebLine`. */
  async open(port: BrowserPort, bridges: readonly UsbBridge[]): Promise<void> {
    this.#state = "opening";
    this.#port = port;
    this.changed();
    try {
      const line = await openWebLine(port, portName(port, bridges));
      const console = this.#attach(line);
      this.#state = "open";
      this.#notice(`${line.name} is open.`);
      this.#interpreter = await console.enquire();
      this.changed();
    } catch (error) {
      this.#markClosed();
      throw error;
    }
  }

  async close(): Promise<void> {
    const line = this.#console?.line;
    this.#markClosed();
    if (!line) return;
    await line.close();
    this.#notice(`${line.name} is closed.`);
  }

  /** Takes over the line again after other code, such as the flasher, has used it. */
  attachAgain(): BoardConsole {
    return this.#attach(this.console.line);
  }

  #attach(line: Line): BoardConsole {
    const console = new BoardConsole(line, {
      onText: (text) => this.#reader.push(text),
      onEnd: (end) => void this.#onEnd(line, end),
    });
    this.#console = console;
    this.#interpreter = undefined;
    return console;
  }

  /** Finds the interpreter even if it has to discard a line that was typed and not run. @throws as `identify`. */
  async identify(patienceMs?: number): Promise<Interpreter> {
    const interpreter = await this.console.identify(patienceMs);
    this.#interpreter = interpreter;
    this.changed();
    return interpreter;
  }

  /** Passes the text after the last answer on to the log. */
  release(): void {
    this.#console?.release();
    this.changed();
  }

  async #onEnd(line: Line, end: LineEnd): Promise<void> {
    if (this.#console?.line !== line) return;
    this.#markClosed();
    this.#notice(end.reason === "unplugged" ? `${line.name} was unplugged.` : `${line.name} was closed.`);
    // A port can be opened again only after it is closed.
    await line.close();
  }

  #markClosed(): void {
    this.#reader.end();
    this.#state = "closed";
    this.#console = undefined;
    this.#interpreter = undefined;
    this.changed();
  }

  /** Sends text to the board. @throws MK1604, MK1605. */
  type(text: string): Promise<void> {
    return this.console.type(utf8Of(text));
  }

  /** Stack traces from now on are decoded with these positions. */
  setPositions(positions: SourcePositions | undefined): void {
    this.#positions = positions;
    this.#renewReader();
  }

  get hasPositions(): boolean {
    return this.#positions !== undefined;
  }

  /** Replaces these secrets by dots in the console from now on. */
  hide(secrets: readonly string[]): void {
    this.#secrets = [...this.#secrets, ...secrets];
    this.#renewReader();
  }

  #renewReader(): void {
    this.#reader.end();
    this.#reader = this.#createReader();
  }

  #createReader(): ConsoleReader {
    const redact = createRedactor(this.#secrets);
    return new ConsoleReader({
      positions: this.#positions,
      redact,
      sink: {
        onLine: (line) => this.#add("text", line),
        onTrace: (trace) => this.#add("trace", formatTrace(trace).map(redact).join("\n")),
        onUnfinished: (text) => {
          this.log.unfinished = text;
          this.changed();
        },
      },
    });
  }

  #notice(text: string): void {
    this.#add("notice", text);
  }

  #add(kind: "text" | "trace" | "notice", text: string): void {
    this.log.add(kind, text);
    this.changed();
  }
}

/** A name for the port from its USB identifiers, because Web Serial gives ports no names. */
function portName(port: BrowserPort, bridges: readonly UsbBridge[]): string {
  const { usbVendorId, usbProductId } = port.getInfo();
  if (usbVendorId === undefined || usbProductId === undefined) return "The serial port";
  const ids = { vendorId: hexId(usbVendorId), productId: hexId(usbProductId) };
  const known = bridgeOf({ name: "", ...ids }, bridges);
  return known ? known.name : `USB ${ids.vendorId}:${ids.productId}`;
}

function hexId(id: number): string {
  return id.toString(16).padStart(4, "0");
}
