/**
 * Who may connect to a hub, and what he may say and hear, as Scaleway IoT Hub has it: devices by their IDs, and the limits of
 * the plan. What fails there is refused here, with the reason.
 */
import type { Message } from "../../broker/message.ts";
import type { Client, ConnectRequest, ConnectVerdict, Policy, Refusal } from "../../broker/policy.ts";
import { type Qos, RETURN_CODE } from "../../mqtt/packet-types.ts";
import { type Device, isDeviceId, typed } from "./device.ts";
import { isPassword } from "./device-password.ts";
import { forbidsPublish, forbidsSubscribe } from "./message-filters.ts";

/** `open`: strangers too; `dedicated`: devices only; `shared`: with the limits of Scaleway's shared plan. */
export const PROFILES = ["open", "dedicated", "shared"] as const;
export type Profile = (typeof PROFILES)[number];

export interface DevicePolicyOptions {
  readonly profile: Profile;
  /** By ID; asked again for each packet, for devices change while they are connected. */
  readonly device: (id: string) => Device | undefined;
  /** Who started the hub may come in as who he likes: its page. */
  readonly isOwner?: (request: ConnectRequest) => boolean;
  /** Called before somebody is let in: a device that was just added is not turned away. */
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
    if (!device) return this.#meetStranger(request, id);
    const refusal = refusedDevice(device, request) ?? this.#refusedByPlan(request);
    // A device may name itself by the user name: it is told of as itself all the same.
    if (refusal) return { ...refusal, clientId: device.id };
    return { client: { id: device.id, allowsMultiple: device.allowsMultiple } };
  }

  #meetStranger({ clientId }: ConnectRequest, id: string | undefined): ConnectVerdict {
    if (this.#profile === "open") return { client: { id: clientId } };
    const rule =
      id === undefined
        ? "neither client identifier nor user name is the ID of a device (a UUID)"
        : `no device has the ID ${id}`;
    const remedy = 'Add it: "motekit hub device add NAME --id …", or start the hub with --profile open.';
    return { returnCode: RETURN_CODE.identifierRejected, refusal: { rule, remedy } };
  }

  #refusedByPlan({ cleanSession, will }: ConnectRequest): ConnectVerdict | undefined {
    if (this.#profile !== "shared") return undefined;
    if (!cleanSession) {
      return refuse(
        RETURN_CODE.notAuthorized,
        onSharedPlan("sessions are not kept", "Connect with clean session."),
      );
    }
    const refusal = will && this.#messageBeyondPlan(will);
    return refusal && refuse(RETURN_CODE.notAuthorized, refusal);
  }

  publish({ id, isOwner }: Client, message: Message): Refusal | undefined {
    if (OWN_TOPICS.test(message.topic)) {
      return {
        rule: `topics under ${message.topic.split("/")[0]} are the hub's own`,
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
    if (retain) return onSharedPlan("no message is retained", "Publish without retain.");
    return qos === 2 ? onSharedPlan("nothing is published at QoS 2", "Publish at QoS 0 or 1.") : undefined;
  }

  subscribe({ id, isOwner }: Client, topicFilter: string, qos: Qos): { readonly grantedQos: Qos } | Refusal {
    if (isOwner) return { grantedQos: qos };
    const device = this.#device(id);
    const rule = device && forbidsSubscribe(device, topicFilter);
    if (device && rule !== undefined) return { rule, remedy: changeFilters(device, "subscribe") };
    if (this.#profile === "shared") {
      if (qos > 0) return onSharedPlan("subscriptions are of QoS 0 alone", "Subscribe at QoS 0.");
      if (topicFilter.startsWith("$SYS")) {
        return onSharedPlan("there are no topics under $SYS", "Do without them.");
      }
    }
    return { grantedQos: qos };
  }
}

/** The user name of the page, where it comes in the place of a device. */
export const AS_DEVICE = "device";

/** Without the device's password, but with what the device may, and no more. */
function asOwner({ clientId, userName }: ConnectRequest, device: Device | undefined): ConnectVerdict {
  if (userName !== AS_DEVICE || !device) return { client: { id: clientId, isOwner: true } };
  return { client: { id: device.id, allowsMultiple: device.allowsMultiple } };
}

/** The client identifier, or where it is no ID, the user name. */
function deviceId({ clientId, userName = "" }: ConnectRequest): string | undefined {
  return [clientId, userName].find(isDeviceId)?.toLowerCase();
}

function refusedDevice(device: Device, request: ConnectRequest): ConnectVerdict | undefined {
  const { notAuthorized, badUserNameOrPassword } = RETURN_CODE;
  const { certificate } = request.link;
  if (!device.isEnabled) {
    return refuse(notAuthorized, {
      rule: `the device ${device.name} is disabled`,
      remedy: `Enable it: motekit hub device enable ${typed(device.name)}`,
    });
  }
  if (certificate && device.certificate === certificate.fingerprint) return undefined;
  if (certificate && device.certificate !== undefined) {
    return refuse(notAuthorized, {
      rule: `the certificate that it showed (${certificate.commonName}) is not that of the device ${device.name}`,
      remedy: `Give the device its certificate, or a new one: motekit hub device renew ${typed(device.name)} --certificate`,
    });
  }
  if (!device.allowsInsecure) {
    return refuse(notAuthorized, {
      rule: `the device ${device.name} has to show its certificate by mutual TLS, and showed none that is known`,
      remedy: `Connect it by TLS with its certificate, or: motekit hub device set ${typed(device.name)} --insecure allow`,
    });
  }
  if (device.password && !isPassword(device.password, request.password ?? NO_PASSWORD)) {
    return refuse(badUserNameOrPassword, {
      rule: `the password of the device ${device.name} is ${request.password ? "another" : "missing"}`,
      remedy: `Give the device its password, or a new one: motekit hub device renew ${typed(device.name)} --password`,
    });
  }
  return undefined;
}

const NO_PASSWORD = Buffer.alloc(0);

function refuse(returnCode: number, refusal: Refusal): ConnectVerdict {
  return { returnCode, refusal };
}

function onSharedPlan(rule: string, remedy: string): Refusal {
  return { rule: `this would fail on Scaleway's shared plan: ${rule}`, remedy };
}

function changeFilters({ name }: Device, packet: "publish" | "subscribe"): string {
  return `Choose another topic, or change the filter: motekit hub device set ${typed(name)} --${packet}-accept …`;
}
