import { networkInterfaces } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import pc from "picocolors";
import { type CommandContext, untilAborted } from "../command-context.ts";
import { DEFAULT_PORT, DEFAULT_WS_PORT, type Hub, LOOPBACK, startHub } from "../hub/hub.ts";
import { formatHubEvent, type HubEvent, hubEventRecord } from "../hub/hub-event.ts";
import { pageActions } from "../page-actions.ts";

interface HubCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly wsPort: number;
  readonly json?: boolean;
}

const PORT_MAX = 65_535;
const LOOPBACK_NAMES: ReadonlySet<string> = new Set([LOOPBACK, "::1", "localhost"]);
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

export function hubCommand(context: CommandContext): Command {
  return new Command("hub")
    .description("run a local MQTT hub with its web page")
    .option("--host <address>", "the address to listen on; 0.0.0.0 opens the hub to the network", LOOPBACK)
    .option("--port <port>", "MQTT over TCP; 0 takes a free port", parsePort, DEFAULT_PORT)
    .option("--ws-port <port>", "MQTT over WebSocket and the page", parsePort, DEFAULT_WS_PORT)
    .option("--json", "print one line of JSON for each event")
    .action((options: HubCommandOptions) => runHub(context, options));
}

async function runHub(context: CommandContext, options: HubCommandOptions): Promise<void> {
  let hub: Hub | undefined;
  const boardHosts = boardAddresses(options.host);
  const hubUrl = () => (hub && boardHosts?.[0] ? `mqtt://${boardHosts[0]}:${hub.port}` : undefined);
  hub = await startHub({
    host: options.host,
    port: options.port,
    wsPort: options.wsPort,
    control: pageActions({ workingFolder: context.workingFolder, hubUrl }),
    onEvent: (event) => context.print(formatEvent(event, options.json === true)),
  });
  try {
    if (boardHosts) warnOfOpenHub(context, hub, boardHosts);
    if (options.json) {
      const { port, wsPort, pageUrl, pageLink } = hub;
      const addresses = boardHosts ?? [];
      context.print(
        JSON.stringify({
          event: "listening",
          host: options.host,
          port,
          wsPort,
          pageUrl,
          pageLink,
          addresses,
        }),
      );
    } else {
      context.print(`page  ${pc.cyan(hub.pageLink)}`);
      context.print(`MQTT  ${options.host} port ${hub.port}, over WebSocket port ${hub.wsPort}`);
      context.print(pc.dim("Ctrl-C stops the hub."));
    }
    await untilAborted(context.signal);
  } finally {
    await hub.close();
  }
}

function formatEvent(event: HubEvent, json: boolean): string {
  return json ? JSON.stringify(hubEventRecord(event)) : formatHubEvent(event);
}

/** The addresses at which a board finds the hub; undefined where only this machine can. */
function boardAddresses(host: string): readonly string[] | undefined {
  if (LOOPBACK_NAMES.has(host)) return undefined;
  if (!ANY_ADDRESS.has(host)) return [host];
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal && address.family === "IPv4")
    .map((address) => address.address);
}

function warnOfOpenHub(context: CommandContext, hub: Hub, addresses: readonly string[]): void {
  context.warn(pc.yellow(pc.bold("WARNING: this hub is open to the network.")));
  context.warn(
    pc.yellow(
      "Anyone who reaches this machine can read every message, send commands to every device and open the page. " +
        "Nothing asks for a password and nothing is encrypted. Use it on a network that you trust.",
    ),
  );
  for (const address of addresses) {
    context.warn(`A board uses  ${address} port ${hub.port}  (page: http://${address}:${hub.wsPort}/)`);
  }
  if (addresses.length === 0) context.warn("This machine has no network address that a board could use.");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= PORT_MAX) return port;
  throw new InvalidArgumentError(`A port is a whole number from 0 to ${PORT_MAX}.`);
}
