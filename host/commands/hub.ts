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
      // Options after the name of a subcommand belong to the subcommand.
      .enablePositionalOptions()
      .option(
        "--host <address>",
        `the address to listen on; 0.0.0.0 makes the hub reachable from the network (default: ${LOOPBACK})`,
      )
      .option(
        "--port <port>",
        `the port for MQTT over TCP, 0 for any free port (default: ${DEFAULT_PORT})`,
        parsePort,
      )
      .option(
        "--ws-port <port>",
        `the port for MQTT over WebSocket and the page (default: ${DEFAULT_WS_PORT})`,
        parsePort,
      )
      .option("--tls", "also listen for MQTT over TLS and over secure WebSocket")
      .option(
        "--tls-port <port>",
        `the port for MQTT over TLS (default with --tls: ${DEFAULT_TLS_PORT})`,
        parsePort,
      )
      .option(
        "--wss-port <port>",
        `the port for MQTT over secure WebSocket and the page over HTTPS (default with --tls: ${DEFAULT_WSS_PORT})`,
        parsePort,
      )
      .option(
        "--tls-cert <file>",
        "a PEM file with the hub's certificate (default: one that the hub's own CA issues)",
      )
      .option("--tls-key <file>", "a PEM file with the private key of that certificate")
      .addOption(
        new Option(
          "--profile <name>",
          "who may connect: anyone (open, the default), only known devices (dedicated), or known devices within the limits of Scaleway's shared plan (shared)",
        ).choices([...PROFILES]),
      )
      .option(
        "--rest",
        "accept messages by HTTP: POST /rest publishes one, with the secret in MOTEKIT_REST_SECRET or a new random one",
      )
      .option(
        "--data <folder>",
        `store sessions and messages in this folder too, so that they survive a restart (without it: only devices and certificates, in ${DEFAULT_HUB_FOLDER})`,
      )
      .option(
        "--page-hub <url...>",
        "another hub that the page may connect to, by WebSocket, such as ws://192.168.1.7:8083/mqtt",
      )
      .option("--json", "print each event as a line of JSON")
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
        context.print(`WSS   ${networks.host} port ${hub.wssPort}, with the page over HTTPS`);
      }
      if (authority)
        context.print(`CA    ${authority.certificateFile}  (clients must trust this certificate)`);
      if (rest) {
        const secret = rest.shown === undefined ? "the value of MOTEKIT_REST_SECRET" : rest.shown;
        context.print(`REST  POST ${hub.pageUrl}rest  X-Topic: …  X-Secret: ${secret}`);
      }
      context.print(pc.dim("Press Ctrl-C to stop the hub."));
    }
    if (hub.droppedBytes > 0) {
      context.warn(
        `The hub was interrupted during its last write, and has dropped the incomplete part (${hub.droppedBytes} bytes). No acknowledged message is lost.`,
      );
    }
    await untilAborted(AbortSignal.any([context.signal, failure.signal]));
  } finally {
    await fleet.close();
    await hub.close();
  }
  failure.signal.throwIfAborted();
}

/** The secret of the REST network. A secret that was generated for this run is printed, in `shown`. */
function restSecret({ environment }: CommandContext): { readonly secret: string; readonly shown?: string } {
  const secret = environment.MOTEKIT_REST_SECRET;
  if (secret) return { secret };
  const made = randomBytes(REST_SECRET_BYTES).toString("base64url");
  return { secret: made, shown: made };
}

function formatEvent(event: BrokerEvent, json: boolean): string {
  return json ? JSON.stringify(hubEventRecord(event)) : formatHubEvent(event);
}

/** The addresses at which a board can reach the hub, or undefined if the hub listens on loopback only. */
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
        "The hub asks for no password"
      : "Only known devices may connect, and a device without a password or certificate needs only its ID. Anyone may open the page, " +
        "but it connects only with the token in its link. Passwords can be intercepted";
  context.warn(pc.yellow(pc.bold("WARNING: this hub is open to the network.")));
  context.warn(
    pc.yellow(
      `${danger}, and only the ports with TLS are encrypted. Use the hub only on a network that you trust.`,
    ),
  );
  for (const address of addresses) {
    context.warn(
      `Boards can connect to ${address} port ${hub.port}  (page: http://${address}:${hub.wsPort}/)`,
    );
  }
  if (addresses.length === 0) {
    context.warn("This computer has no network address, so no board can reach the hub.");
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= PORT_MAX) return port;
  throw new InvalidArgumentError(`A port is a whole number from 0 to ${PORT_MAX}.`);
}
