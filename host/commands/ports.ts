import { Command } from "commander";
import { knownBridges } from "../attached-board/board-line.ts";
import { MotekitError } from "../errors.ts";
import type { ChipInfo } from "../flash/loader.ts";
import { BoardConsole, type Interpreter } from "../serial/console.ts";
import { BAUD_RATE_DEFAULT } from "../serial/line.ts";
import { listNodePorts, openNodeLine } from "../serial/node-line.ts";
import { bridgeOf, describePort, type SerialPortInfo } from "../serial/ports.ts";
import { type CommandContext, integerAbove } from "../terminal/command-context.ts";

interface PortsCommandOptions {
  readonly probe?: true;
  readonly baud: number;
  readonly json?: true;
}

export function portsCommand(context: CommandContext): Command {
  return new Command("ports")
    .option(
      "--probe",
      "send each port one harmless byte to find Espruino, and look for a chip in download mode on ports of known USB adapters",
    )
    .option("--baud <rate>", "the rate for --probe, in bits per second", integerAbove(0), BAUD_RATE_DEFAULT)
    .option("--json", "print the result as JSON")
    .action((options: PortsCommandOptions) => listPorts(context, options));
}

interface PortRecord extends SerialPortInfo {
  readonly bridge?: string;
  readonly interpreter?: Pick<Interpreter, "version" | "board">;
  /** The chip, if it is in download mode. */
  readonly chip?: ChipInfo;
  /** Why the probe failed. */
  readonly problem?: string;
}

async function listPorts(context: CommandContext, options: PortsCommandOptions): Promise<void> {
  const bridges = knownBridges();
  const ports = await listNodePorts();
  const records: PortRecord[] = [];
  for (const port of ports) {
    const bridge = bridgeOf(port, bridges)?.name;
    const found = options.probe ? await probe(port.name, options.baud, bridge !== undefined) : {};
    records.push({ ...port, ...(bridge === undefined ? {} : { bridge }), ...found });
  }
  if (options.json) {
    context.print(JSON.stringify({ ok: true, ports: records }));
    return;
  }
  if (records.length === 0) context.print("This computer has no serial ports.");
  for (const record of records) {
    context.print(`${describePort(record, bridges)}${describeProbe(record, options.probe === true)}`);
  }
}

function describeProbe({ interpreter, chip, problem }: PortRecord, probed: boolean): string {
  if (interpreter) return `: Espruino ${interpreter.version} on ${interpreter.board}`;
  if (chip) return `: ${chip.description} in download mode, MAC ${chip.mac}`;
  if (problem !== undefined) return `: ${problem}`;
  return probed ? ": no answer (another device, or an Espruino whose console has an unfinished line)" : "";
}

/** Probes for a loader only if a board is likely, because that probe sends some 200 bytes. */
async function probe(
  name: string,
  baudRate: number,
  isLikely: boolean,
): Promise<Pick<PortRecord, "interpreter" | "chip" | "problem">> {
  try {
    const line = await openNodeLine(name, { baudRate });
    try {
      const found = await new BoardConsole(line).enquire();
      if (found) return { interpreter: { version: found.version, board: found.board } };
      const { probeChip } = await import("../flash/probe-chip.ts");
      const chip = isLikely ? await probeChip(line) : undefined;
      return chip ? { chip } : {};
    } finally {
      await line.close();
    }
  } catch (error) {
    if (error instanceof MotekitError) return { problem: error.message };
    throw error;
  }
}
