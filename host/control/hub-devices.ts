/** The devices of a hub, as its page sees and changes them. They do not include the hashes of passwords. */

/** `accept` allows only these topics, `reject` all but these. `{{device.id}}` and `{{device.name}}` are replaced. */
export interface TopicRule {
  readonly policy: "accept" | "reject";
  readonly topics: readonly string[];
}

export interface DeviceRecord {
  /** A UUID in lower case. */
  readonly id: string;
  readonly name: string;
  readonly isEnabled: boolean;
  /** Whether the device may use TCP, TLS without a certificate, or WebSocket; otherwise it must use mutual TLS. */
  readonly allowsInsecure: boolean;
  /** Whether the device may have several connections at once; otherwise a new one takes over. */
  readonly allowsMultiple: boolean;
  /** If false, the device needs only its ID, or its certificate. */
  readonly hasPassword: boolean;
  /** The certificate's SHA-256: pairs of capital hexadecimal digits, separated by colons. */
  readonly certificate?: string | undefined;
  readonly publish?: TopicRule | undefined;
  readonly subscribe?: TopicRule | undefined;
}

export interface HubDevices {
  /** `open` accepts clients that are not devices, too. */
  readonly profile: "open" | "dedicated" | "shared";
  /** The devices in the order in which they were added; undefined if the hub has no folder for devices. */
  readonly devices?: readonly DeviceRecord[];
}

/** The permissions of a device. Undefined fields stay as they are. */
export interface DeviceSettings {
  /** Whether the device may connect without its certificate. */
  readonly insecure?: "allow" | "deny" | undefined;
  /** Whether the device may have several connections at once. */
  readonly multiple?: "allow" | "deny" | undefined;
  readonly publishAccept?: readonly string[] | undefined;
  readonly publishReject?: readonly string[] | undefined;
  readonly subscribeAccept?: readonly string[] | undefined;
  readonly subscribeReject?: readonly string[] | undefined;
  /** Removes the present filters before new ones are applied. */
  readonly clearFilters?: boolean | undefined;
}

/** The secrets that the hub makes. */
export interface CredentialRequest {
  /** True makes a new password, false removes it, undefined keeps it. */
  readonly password?: boolean | undefined;
  /** True issues a certificate by the hub's CA, undefined keeps the present one. */
  readonly certificate?: boolean | undefined;
}

export interface NewDevice extends DeviceSettings, CredentialRequest {
  readonly name: string;
  /** If undefined, the hub makes a new ID. */
  readonly id?: string | undefined;
}

/** A change of a device. `device` is a name or an ID, here and below. */
export interface DeviceChange extends DeviceSettings {
  readonly device: string;
  readonly isEnabled?: boolean | undefined;
}

export interface DeviceRenewal extends CredentialRequest {
  readonly device: string;
}

/** The secrets of a device, which the hub returns once and does not store. */
export interface DeviceSecrets {
  readonly password?: string;
  readonly certificatePem?: string;
  readonly keyPem?: string;
}

export interface IssuedDevice {
  readonly device: DeviceRecord;
  readonly secrets: DeviceSecrets;
}
