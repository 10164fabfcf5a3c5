/** Converts the command line's options and the project file into the options of the local hub. */
import { join } from "node:path";
import { MotekitError } from "../errors.ts";
import {
  type Authority,
  openAuthority,
  readCertifiedKey,
  serverCertificate,
} from "../hub/certificates/authority.ts";
import type { Profile } from "../hub/devices/device-policy.ts";
import type { RestRoute } from "../hub/http/rest-routes.ts";
import { DEFAULT_PORT, DEFAULT_WS_PORT, LOOPBACK } from "../hub/hub.ts";
import type { HubTls } from "../hub/networks/networks.ts";
import type { ProjectConfig } from "../project/project-file.ts";

export const DEFAULT_TLS_PORT = 8883;
export const DEFAULT_WSS_PORT = 8443;
/** The hub's folder with certificates and devices, relative to the project's folder. */
export const DEFAULT_HUB_FOLDER = join(".motekit", "hub");

/** The settings of the local hub, which are both options of the command and fields of `localHub` in the project file. */
export interface LocalHubSettings {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly wsPort?: number | undefined;
  /** Opens the two networks with TLS at their default ports. */
  readonly tls?: boolean | undefined;
  readonly tlsPort?: number | undefined;
  readonly wssPort?: number | undefined;
  /** The paths of a certificate and its key in PEM. If undefined, the hub's CA issues them. */
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly profile?: Profile | undefined;
  readonly routes?: readonly RestRoute[] | undefined;
  /** The WebSocket URLs of other hubs to which the page may connect, such as `ws://192.168.1.7:8083/mqtt`. */
  readonly pageHubs?: readonly string[] | undefined;
}

export interface LocalHubOptions {
  readonly host: string;
  readonly port: number;
  readonly wsPort: number;
  readonly tlsPort?: number;
  readonly wssPort?: number;
  readonly tls?: HubTls;
  readonly hubFolder: string;
  readonly profile: Profile;
  readonly routes: readonly RestRoute[];
  readonly otherHubs: readonly string[];
}

export interface LocalHub {
  readonly options: LocalHubOptions;
  /** The CA that clients have to trust; undefined without TLS, and with the user's own certificate. */
  readonly authority: Authority | undefined;
}

/** Merges settings. Options of the command take precedence over the project file. */
export function mergeSettings(given: LocalHubSettings, project: ProjectConfig): LocalHubSettings {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...project.localHub, ...Object.fromEntries(present) };
}

/** Rejects with MK1420 to MK1422 certificates, MK1423 only one of certificate and key, MK1424 the URL of another hub. */
export async function localHub(settings: LocalHubSettings, hubFolder: string): Promise<LocalHub> {
  const {
    host = LOOPBACK,
    port = DEFAULT_PORT,
    wsPort = DEFAULT_WS_PORT,
    profile = "open",
    routes = [],
    pageHubs = [],
  } = settings;
  const otherHubs = pageHubs.map(originOf);
  const shared = { host, port, wsPort, hubFolder, profile, routes, otherHubs };
  const secure = securePorts(settings);
  if (!secure) return { options: shared, authority: undefined };
  const authority = await openAuthority(hubFolder);
  const own = ownCertificate(settings);
  const { certificatePem, keyPem } = own ?? (await serverCertificate(hubFolder));
  const tls = { certificatePem, keyPem, authorityPem: authority.certificatePem };
  return {
    options: { ...shared, ...secure, tls },
    authority: own ? undefined : authority,
  };
}

/** @throws MotekitError MK1424 */
function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && /^wss?:$/.test(parsed.protocol)) return `${parsed.protocol}//${parsed.host}`;
  throw new MotekitError({
    code: "MK1424",
    message: `The page cannot connect to ${JSON.stringify(url)}, because it is not a WebSocket URL.`,
    remedy: "Use a URL that begins with ws:// or wss://, such as ws://192.168.1.7:8083/mqtt.",
  });
}

/** Returns undefined if no setting requires TLS. */
function securePorts(settings: LocalHubSettings): Pick<LocalHubOptions, "tlsPort" | "wssPort"> | undefined {
  const { tlsPort, wssPort, tlsCert, tlsKey } = settings;
  const isNamed = tlsPort !== undefined || wssPort !== undefined;
  const opensBoth = settings.tls || (!isNamed && (tlsCert !== undefined || tlsKey !== undefined));
  if (opensBoth) return { tlsPort: tlsPort ?? DEFAULT_TLS_PORT, wssPort: wssPort ?? DEFAULT_WSS_PORT };
  if (!isNamed) return undefined;
  return { ...(tlsPort !== undefined && { tlsPort }), ...(wssPort !== undefined && { wssPort }) };
}

function ownCertificate({
  tlsCert,
  tlsKey,
}: LocalHubSettings): ReturnType<typeof readCertifiedKey> | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert !== undefined && tlsKey !== undefined) return readCertifiedKey(tlsCert, tlsKey);
  throw new MotekitError({
    code: "MK1423",
    message:
      tlsKey === undefined
        ? "A certificate was given without its private key."
        : "A private key was given without its certificate.",
    remedy: "Use both --tls-cert and --tls-key, or neither to have the hub issue its own certificate.",
  });
}
