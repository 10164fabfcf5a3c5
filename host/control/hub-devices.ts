/** The devices of a hub, as its page sees and changes them. Hashes of passwords stay where they are. */

/** `accept`: these topics and no others; `reject`: all but these. `{{device.id}}` and `{{device.name}}` stand for the device's. */
export interface TopicRule {
  readonly policy: "accept" | "reject";
  readonly topics: readonly string[];
}

export interface DeviceRecord {
  /** A UUID, in small letters. */
  readonly id: string;
  readonly name: string;
  readonly isEnabled: boolean;
  /** By plain TCP, TLS without a certificate, or WebSocket. Without: by mutual TLS alone. */
  readonly allowsInsecure: boolean;
  /** Several connections at once; without, a new one takes the place of the one before. */
  readonly allowsMultiple: boolean;
  /** Without: it is known by its ID alone, or by its certificate. */
  readonly hasPassword: boolean;
  /** SHA-256 of the certificate: capital hexadecimal digits in pairs with colons between. */
  readonly certificate?: string | undefined;
  readonly publish?: TopicRule | undefined;
  readonly subscribe?: TopicRule | undefined;
}

export interface HubDevices {
  /** `open` lets in strangers too. */
  readonly profile: "open" | "dedicated" | "shared";
  /** In the order in which they were added; left out where the hub has no folder to keep devices in. */
  readonly devices?: readonly DeviceRecord[];
}

/** What a device may. What is left out stays as it is. */
export interface DeviceSettings {
  /** Connections without its certificate. */
  readonly insecure?: "allow" | "deny" | undefined;
  /** Several connections at once. */
  readonly multiple?: "allow" | "deny" | undefined;
  readonly publishAccept?: readonly string[] | undefined;
  readonly publishReject?: readonly string[] | undefined;
  readonly subscribeAccept?: readonly string[] | undefined;
  readonly subscribeReject?: readonly string[] | undefined;
  /** No filter is left but those that are given with it. */
  readonly clearFilters?: boolean | undefined;
}

/** Which secrets the hub makes anew. */
export interface CredentialRequest {
  /** False: none from now on. Left out: as it was. */
  readonly password?: boolean | undefined;
  /** True: the hub's CA makes one. Left out: as it was. */
  readonly certificate?: boolean | undefined;
}

export interface NewDevice extends DeviceSettings, CredentialRequest {
  readonly name: string;
  /** Left out: a new one. */
  readonly id?: string | undefined;
}

/** `device` is a name or an ID, here and below. */
export interface DeviceChange extends DeviceSettings {
  readonly device: string;
  readonly isEnabled?: boolean | undefined;
}

export interface DeviceRenewal extends CredentialRequest {
  readonly device: string;
}

/** What a device needs to prove who it is: told this once, and kept nowhere. */
export interface DeviceSecrets {
  readonly password?: string;
  readonly certificatePem?: string;
  readonly keyPem?: string;
}

export interface IssuedDevice {
  readonly device: DeviceRecord;
  readonly secrets: DeviceSecrets;
}
