/** Certificates of OpenSSL's making, on their way into a board's configuration. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tlsCredentials } from "../../host/configure/certificates.ts";
import { configurationOf, type Settings } from "../../host/configure/settings.ts";
import { hasProgram, requireProgram } from "../fixtures/programs.ts";

const BOARD = { deviceId: "dev", hasWifi: false, hasTls: true };

describe.skipIf(!hasProgram("openssl"))("a hub by TLS", () => {
  let folder: string;

  const openssl = (...args: string[]) =>
    execFileSync(requireProgram("openssl"), args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  const pem = (name: string) => readFileSync(join(folder, name), "utf8");
  const configured = (values: Readonly<Record<string, string>>, board = BOARD) => {
    const entries = Object.entries({ HUB_URL: "mqtts://hub.example", ...values });
    const settings: Settings = new Map(entries.map(([key, text]) => [key, { text, source: "a test" }]));
    return configurationOf(settings, board, tlsCredentials).hub;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "motekit-pem-"));
    const self = ["req", "-x509", "-nodes", "-subj", "/CN=dev"];
    openssl(...self, "-newkey", "rsa:2048", "-keyout", "dev.key", "-out", "dev.pem");
    openssl(...self, "-newkey", "rsa:2048", "-keyout", "other.key", "-out", "other.pem");
    openssl(
      ...self,
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-keyout",
      "ec.key",
      "-out",
      "ec.pem",
    );
    openssl("pkey", "-in", "dev.key", "-aes128", "-passout", "pass:geheim", "-out", "locked.key");
    openssl("pkey", "-in", "dev.key", "-outform", "der", "-out", "dev.der");
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("needs no certificates, and has a port of its own", () => {
    expect(configured({})).toEqual({ host: "hub.example", port: 8883, tls: {} });
  });

  test("gets certificates and key as DER in base64", () => {
    const { tls } = configured({
      HUB_CA: pem("other.pem"),
      HUB_CERT: pem("dev.pem"),
      HUB_KEY: pem("dev.key"),
    });
    const der = (base64: string | undefined) => Buffer.from(base64 ?? "", "base64");
    expect(new X509Certificate(der(tls?.ca)).fingerprint).toBe(
      new X509Certificate(pem("other.pem")).fingerprint,
    );
    expect(new X509Certificate(der(tls?.cert)).fingerprint).toBe(
      new X509Certificate(pem("dev.pem")).fingerprint,
    );
    expect(der(tls?.key)).toEqual(readFileSync(join(folder, "dev.der")));
  });

  test.each([
    [
      "a certificate without its key",
      () => ({ HUB_CERT: pem("dev.pem") }),
      "HUB_CERT",
      "without its private key",
    ],
    [
      "a key without its certificate",
      () => ({ HUB_KEY: pem("dev.key") }),
      "HUB_KEY",
      "without its certificate",
    ],
    [
      "another's key",
      () => ({ HUB_CERT: pem("dev.pem"), HUB_KEY: pem("other.key") }),
      "HUB_KEY",
      "does not match the certificate",
    ],
    [
      "elliptic curves",
      () => ({ HUB_CERT: pem("ec.pem"), HUB_KEY: pem("ec.key") }),
      "HUB_CERT",
      "key type ec",
    ],
    [
      "a passphrase",
      () => ({ HUB_CERT: pem("dev.pem"), HUB_KEY: pem("locked.key") }),
      "HUB_KEY",
      "passphrase",
    ],
    ["what is no PEM", () => ({ HUB_CA: "hello" }), "HUB_CA", "not a certificate in PEM format"],
    [
      "an address without TLS",
      () => ({ HUB_URL: "mqtt://hub.example", HUB_CA: pem("dev.pem") }),
      "HUB_CA",
      "the hub's URL does not use TLS",
    ],
  ])("refuses %s", (_, values, key, words) => {
    expect(() => configured(values())).toThrow(
      expect.objectContaining({
        code: "MK1802",
        message: expect.stringMatching(`^${key} \\(from a test\\).*${words}`),
      }),
    );
  });

  test("is refused where the board has none", () => {
    expect(() => configured({}, { ...BOARD, hasTls: false })).toThrow(
      expect.objectContaining({ code: "MK1802", message: expect.stringContaining("requires TLS") }),
    );
  });
});
