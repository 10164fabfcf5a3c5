import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import type { BrokerEvent } from "../broker/broker-event.ts";
import { BoardFleet } from "../fleet/board-fleet.ts";
import { PROFILES, type Profile } from "../hub/devices/device-policy.ts";
import { DEFAULT_PORT, DEFAULT_WS_PORT, type Hub, LOOPBACK, startHub } from "../hub/hub.ts";
import { formatHubEvent, hubEventRecord } from "../hub/reports/hub-event.ts";
import {
  DEFAULT_HUB_FOLDER,
  DEFAULT_TLS_PORT,
  DEFAULT_WSS_PORT,
  type LocalHubSettings,
  localHub,
  mergeSettings,
} from "../local-hub/local-hub.ts";
import { pageActions } from "../local-hub/page-actions.ts";
import { findEntry } from "../project/find-entry.ts";
import { loadProject } from "../project/project-file.ts";
import { type CommandContext, untilAborted } from "../terminal/command-context.ts";
import { formatError } from "../terminal/problem-report.ts";

interface HubCommandOptions extends Omit<LocalHubSettings, "pageHubs"> {
  readonly pageHub?: readonly string[];
  readonly data?: string;
  readonly rest?: true;
  readonly json?: boolean;
}

const REST_SECRET_BYTES = 24;
const PORT_MAX = 65_535;
const LOOPBACK_NAMES: ReadonlySet<string> = new Set([LOOPBACK, "::1", "localhost"]);
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

export function hubCommand(context: CommandContext): Command {
  return (
    new Command("hub")
      .description("run a local MQTT hub with its web page")
      // What stands behind a subcommand is its own.
      .enablePositionalOptions()
      .option(
        "--host <address>",
        `the address to listen on; 0.0.0.0 opens the hub to the network (default: ${LOOPBACK})`,
      )
      .option("--port <port>", `MQTT over TCP; 0 takes a free port (default: ${DEFAULT_PORT})`, parsePort)
      .option("--ws-port <port>", `MQTT over WebSocket and the page (default: ${DEFAULT_WS_PORT})`, parsePort)
      .option("--tls", "open MQTT over TLS and over secure WebSocket as well")
      .option("--tls-port <port>", `MQTT over TLS (default with --tls: ${DEFAULT_TLS_PORT})`, parsePort)
      .option(
        "--wss-port <port>",
        `MQTT over secure WebSocket and the page (default with --tls: ${DEFAULT_WSS_PORT})`,
        parsePort,
      )
      .option("--tls-cert <file>", "the server's certificate, PEM (default: one of the hub's own CA)")
      .option("--tls-key <file>", "its private key, PEM")
      .addOption(
        new Option(
          "--profile <name>",
          "who may connect: anybody (open, the default), devices, or devices within Scaleway's shared plan",
        ).choices([...PROFILES]),
      )
      .option(
        "--rest",
        "open the REST network: POST /rest publishes, with the secret of MOTEKIT_REST_SECRET or a new one",
      )
      .option(
        "--data <folder>",
        `the hub's folder, where it then remembers sessions and messages too (default: ${DEFAULT_HUB_FOLDER}, for devices and certificates)`,
      )
      .option(
        "--page-hub <url...>",
        "a hub by WebSocket that the page may connect to too, such as ws://192.168.1.7:8083/mqtt",
      )
      .option("--json", "print one line of JSON for each event")
      .action((options: HubCommandOptions) => runHub(context, options))
  );
}

async function runHub(context: CommandContext, options: HubCommandOptions): Promise<void> {
  const { workingFolder } = context;
  const { config } = await loadProject(workingFolder);
  const hubFolder = resolve(workingFolder, options.data ?? DEFAULT_HUB_FOLDER);
  const { options: networks, authority } = await localHub(
    mergeSettings({ ...options, pageHubs: options.pageHub }, config),
    hubFolder,
  );
  const rest = options.rest && restSecret(context);
  let hub: Hub | undefined;
  const failure = new AbortController();
  const boardHosts = boardAddresses(networks.host);
  const hubUrl = () => (hub && boardHosts?.[0] ? `mqtt://${boardHosts[0]}:${hub.port}` : undefined);
  const fleet = new BoardFleet({
    entry: () => findEntry(undefined, workingFolder),
    workingFolder,
    hub: () => ({
      host: ANY_ADDRESS.has(networks.host) ? LOOPBACK : networks.host,
      port: hub?.port ?? DEFAULT_PORT,
    }),
    engine: "node",
    isOpenToNetwork: boardHosts !== undefined,
  });
  hub = await startHub({
    ...networks,
    ...(rest && { restSecret: rest.secret }),
    control: pageActions({ workingFolder, hubUrl, fleet }),
    onEvent: (event) => context.print(formatEvent(event, options.json === true)),
    onProblem: (error) => context.warn(formatError(error)),
    ...(options.data !== undefined && { journalFolder: hubFolder }),
    onFailure: (error) => failure.abort(error),
  });
  try {
    if (boardHosts) warnOfOpenHub(context, hub, networks.profile, boardHosts);
    if (options.json) {
      const { close: _, ...ports } = hub;
      const addresses = boardHosts ?? [];
      const ca = authority?.certificateFile;
      context.print(
        JSON.stringify({
          event: "listening",
          host: networks.host,
          ...ports,
          addresses,
          ca,
          restSecret: rest?.shown,
        }),
      );
    } else {
      context.print(`page  ${pc.cyan(hub.pageLink)}`);
      context.print(`MQTT  ${networks.host} port ${hub.port}, over WebSocket port ${hub.wsPort}`);
      if (hub.tlsPort !== undefined) context.print(`TLS   ${networks.host} port ${hub.tlsPort}`);
      if (hub.wssPort !== undefined) {
        context.print(`WSS   ${networks.host} port ${hub.wssPort}, with the page by https`);
      }
      if (authority) context.print(`CA    ${authority.certificateFile}  (what a client trusts: --cafile)`);
      if (rest) {
        const secret = rest.shown === undefined ? "that of MOTEKIT_REST_SECRET" : rest.shown;
        context.print(`REST  POST ${hub.pageUrl}rest  X-Topic: …  X-Secret: ${secret}`);
      }
      context.print(pc.dim("Ctrl-C stops the hub."));
    }
    if (hub.droppedBytes > 0) {
      context.warn(
        `The hub was ended while it wrote. What was half written (${hub.droppedBytes} bytes) is dropped; no client had been told of it.`,
      );
    }
    await untilAborted(AbortSignal.any([context.signal, failure.signal]));
  } finally {
    await fleet.close();
    await hub.close();
  }
  failure.signal.throwIfAborted();
}

/** One that was made for this run is shown, as it is known to nobody yet. */
function restSecret({ environment }: CommandContext): { readonly secret: string; readonly shown?: string } {
  const secret = environment.MOTEKIT_REST_SECRET;
  if (secret) return { secret };
  const made = randomBytes(REST_SECRET_BYTES).toString("base64url");
  return { secret: made, shown: made };
}

function formatEvent(event: BrokerEvent, json: boolean): string {
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

function warnOfOpenHub(
  context: CommandContext,
  hub: Hub,
  profile: Profile,
  addresses: readonly string[],
): void {
  const danger =
    profile === "open"
      ? "Anyone who reaches this machine can read every message, send commands to every device and open the page. " +
        "Nothing asks for a password"
      : "Only its devices may connect, those without password and certificate by their ID alone; anyone may open the page, " +
        "which connects by the token of its link. Passwords can be overheard";
  context.warn(pc.yellow(pc.bold("WARNING: this hub is open to the network.")));
  context.warn(
    pc.yellow(`${danger}, and only the networks with TLS are encrypted. Use it on a network that you trust.`),
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
