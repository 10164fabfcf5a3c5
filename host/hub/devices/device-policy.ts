/**
 * The policy of the local hub, which follows Scaleway IoT Hub: devices connect by their IDs, within the limits of the plan. What
 * fails at Scaleway is refused here with the reason.
 */
import type { Message } from "../../broker/message.ts";
import type { Client, ConnectRequest, ConnectVerdict, Policy, Refusal } from "../../broker/policy.ts";
import { type Qos, RETURN_CODE } from "../../mqtt/packet-types.ts";
import { type Device, isDeviceId, typed } from "./device.ts";
import { isPassword } from "./device-password.ts";
import { forbidsPublish, forbidsSubscribe } from "./message-filters.ts";

/** `open` accepts any client, `dedicated` only devices, `shared` only devices with the limits of Scaleway's shared plan. */
export const PROFILES = ["open", "dedicated", "shared"] as const;
export type Profile = (typeof PROFILES)[number];

export interface DevicePolicyOptions {
  readonly profile: Profile;
  /** Returns a device by ID. Called for each packet, because devices change while they are connected. */
  readonly device: (id: string) => Device | undefined;
  /** Whether the client is the hub's page, which may connect with any client identifier. */
  readonly isOwner?: (request: ConnectRequest) => boolean;
  /** Called before each CONNECT is checked, so that a device that was just added is accepted. */
  readonly refresh?: () => void;
}

const OWN_TOPICS = /^\$(SYS|SCW)(\/|$)/;

export class DevicePolicy implements Policy {
  readonly #profile: Profile;
  readonly #device: (id: string) => Device | undefined;
  readonly #isOwner: (request: ConnectRequest) => boolean;
  readonly #refresh: () => void;

  constructor({ profile, device, isOwner = () => false, refresh = () => undefined }: DevicePolicyOptions) {
    this.#profile = profile;
    this.#device = device;
    this.#isOwner = isOwner;
    this.#refresh = refresh;
  }

  connect(request: ConnectRequest): ConnectVerdict {
    this.#refresh();
    const id = deviceId(request);
    const device = id === undefined ? undefined : this.#device(id);
    if (this.#isOwner(request)) return asOwner(request, device);
    if (!device) return this.#connectUnknown(request, id);
    const refusal = refusedDevice(device, request) ?? this.#refusedByPlan(request);
    // A device may give its ID as the user name, so the refusal names the device.
    if (refusal) return { ...refusal, clientId: device.id };
    return { client: { id: device.id, allowsMultiple: device.allowsMultiple } };
  }

  #connectUnknown({ clientId }: ConnectRequest, id: string | undefined): ConnectVerdict {
    if (this.#profile === "open") return { client: { id: clientId } };
    const rule =
      id === undefined
        ? "neither the client identifier nor the user name is the ID of a device (a UUID)"
        : `the hub has no device with the ID ${id}`;
    const remedy = "Add it with `motekit hub device add NAME --id …`, or start the hub with --profile open.";
    return { returnCode: RETURN_CODE.identifierRejected, refusal: { rule, remedy } };
  }

  #refusedByPlan({ cleanSession, will }: ConnectRequest): ConnectVerdict | undefined {
    if (this.#profile !== "shared") return undefined;
    if (!cleanSession) {
      return refuse(
        RETURN_CODE.notAuthorized,
        onSharedPlan("it has no persistent sessions", "Connect with a clean session."),
      );
    }
    const refusal = will && this.#messageBeyondPlan(will);
    return refusal && refuse(RETURN_CODE.notAuthorized, refusal);
  }

  publish({ id, isOwner }: Client, message: Message): Refusal | undefined {
    if (OWN_TOPICS.test(message.topic)) {
      return {
        rule: `topics that begin with ${message.topic.split("/")[0]} are reserved for the hub`,
        remedy: "Choose another topic.",
      };
    }
    if (isOwner) return undefined;
    const device = this.#device(id);
    const rule = device && forbidsPublish(device, message.topic);
    if (device && rule !== undefined) return { rule, remedy: changeFilters(device, "publish") };
    return this.#messageBeyondPlan(message);
  }

  #messageBeyondPlan({ retain, qos }: Message): Refusal | undefined {
    if (this.#profile !== "shared") return undefined;
    if (retain) return onSharedPlan("it has no retained messages", "Publish without the retain flag.");
    return qos === 2 ? onSharedPlan("it does not accept QoS 2", "Publish at QoS 0 or 1.") : undefined;
  }

  subscribe({ id, isOwner }: Client, topicFilter: string, qos: Qos): { readonly grantedQos: Qos } | Refusal {
    if (isOwner) return { grantedQos: qos };
    const device = this.#device(id);
    const rule = device && forbidsSubscribe(device, topicFilter);
    if (device && rule !== undefined) return { rule, remedy: changeFilters(device, "subscribe") };
    if (this.#profile === "shared") {
      if (qos > 0) return onSharedPlan("it grants subscriptions only at QoS 0", "Subscribe at QoS 0.");
      if (topicFilter.startsWith("$SYS")) {
        return onSharedPlan("it has no topics under $SYS", "Remove the subscription.");
      }
    }
    return { grantedQos: qos };
  }
}

/** The user name with which the page connects in the role of a device. */
export const AS_DEVICE = "device";

/** Accepts the page. In the role of a device it needs no password, but has only the device's permissions. */
function asOwner({ clientId, userName }: ConnectRequest, device: Device | undefined): ConnectVerdict {
  if (userName !== AS_DEVICE || !device) return { client: { id: clientId, isOwner: true } };
  return { client: { id: device.id, allowsMultiple: device.allowsMultiple } };
}

/** The client identifier or, if that is not an ID, the user name. */
function deviceId({ clientId, userName = "" }: ConnectRequest): string | undefined {
  return [clientId, userName].find(isDeviceId)?.toLowerCase();
}

function refusedDevice(device: Device, request: ConnectRequest): ConnectVerdict | undefined {
  const { notAuthorized, badUserNameOrPassword } = RETURN_CODE;
  const { certificate } = request.link;
  if (!device.isEnabled) {
    return refuse(notAuthorized, {
      rule: `the device "${device.name}" is disabled`,
      remedy: `Enable it with \`motekit hub device enable ${typed(device.name)}\`.`,
    });
  }
  if (certificate && device.certificate === certificate.fingerprint) return undefined;
  if (certificate && device.certificate !== undefined) {
    return refuse(notAuthorized, {
      rule: `wrong certificate (${certificate.commonName}) for device "${device.name}"`,
      remedy: `Configure the device with its certificate, or issue a new one with \`motekit hub device renew ${typed(device.name)} --certificate\`.`,
    });
  }
  if (!device.allowsInsecure) {
    return refuse(notAuthorized, {
      rule: `the device "${device.name}" must connect by mutual TLS, but presented no known certificate`,
      remedy: `Connect it by TLS with its certificate, or allow other connections with \`motekit hub device set ${typed(device.name)} --insecure allow\`.`,
    });
  }
  if (device.password && !isPassword(device.password, request.password ?? NO_PASSWORD)) {
    return refuse(badUserNameOrPassword, {
      rule: `${request.password ? "wrong" : "missing"} password for device "${device.name}"`,
      remedy: `Configure the device with its password, or make a new one with \`motekit hub device renew ${typed(device.name)} --password\`.`,
    });
  }
  return undefined;
}

const NO_PASSWORD = Buffer.alloc(0);

function refuse(returnCode: number, refusal: Refusal): ConnectVerdict {
  return { returnCode, refusal };
}

function onSharedPlan(rule: string, remedy: string): Refusal {
  return { rule: `Scaleway's shared plan would refuse this: ${rule}`, remedy };
}

function changeFilters({ name }: Device, packet: "publish" | "subscribe"): string {
  return `Choose another topic, or change the filter with \`motekit hub device set ${typed(name)} --${packet}-accept …\`.`;
}
