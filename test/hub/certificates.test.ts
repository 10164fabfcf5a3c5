/** The development CA. OpenSSL judges what it makes. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  issueDeviceCertificate,
  openAuthority,
  readCertifiedKey,
  serverCertificate,
} from "../../host/hub/certificates/authority.ts";
import { requireProgram } from "../fixtures/programs.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motekit-ca-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function openssl(...args: readonly string[]): string {
  return execFileSync(requireProgram("openssl"), args, { cwd: folder, encoding: "utf8" });
}

test("OpenSSL accepts the hub's certificate for localhost and loopback, and the device's as a client certificate", async () => {
  await serverCertificate(folder);
  const device = await issueDeviceCertificate(folder, "pump-1");
  writeFileSync(join(folder, "device.crt"), device.certificatePem);
  const verify = (...args: readonly string[]) =>
    openssl("verify", "-x509_strict", "-CAfile", "certificates/ca.crt", ...args);
  for (const name of [
    ["-verify_hostname", "localhost"],
    ["-verify_ip", "127.0.0.1"],
    ["-verify_ip", "::1"],
  ]) {
    expect(verify("-purpose", "sslserver", ...name, "certificates/server.pem")).toContain("OK");
  }
  expect(() => verify("-verify_hostname", "elsewhere.example", "certificates/server.pem")).toThrow();
  expect(verify("-purpose", "sslclient", "device.crt")).toContain("OK");
  expect(() => verify("-purpose", "sslserver", "device.crt")).toThrow();
  expect(openssl("x509", "-in", "device.crt", "-noout", "-subject")).toContain("CN = pump-1");
  expect(openssl("x509", "-in", "device.crt", "-noout", "-fingerprint", "-sha256").trim()).toBe(
    `sha256 Fingerprint=${device.fingerprint}`,
  );
});

test("keys are readable by their owner only, and the device's key is not stored", async () => {
  await serverCertificate(folder);
  const { keyPem } = await issueDeviceCertificate(folder, "pump-1");
  for (const file of ["ca.key", "server.pem"]) {
    const path = join(folder, "certificates", file);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(readFileSync(path, "utf8")).not.toContain(keyPem.split("\n")[2]);
  }
});

test("hubs that start at once get one authority", async () => {
  const authorities = await Promise.all(Array.from({ length: 8 }, () => openAuthority(folder)));
  expect(new Set(authorities.map(({ certificatePem }) => certificatePem)).size).toBe(1);
});

test("the server's certificate stays, until it is about to end, is damaged, or of another authority", async () => {
  const file = join(folder, "certificates", "server.pem");
  const { certificatePem: first } = await serverCertificate(folder);
  expect((await serverCertificate(folder)).certificatePem).toBe(first);
  const endMs = new Date(new X509Certificate(first).validTo).getTime();
  const { certificatePem: second } = await serverCertificate(folder, new Date(endMs - 31 * DAY_MS));
  expect(second).toBe(first);
  const { certificatePem: third } = await serverCertificate(folder, new Date(endMs - 29 * DAY_MS));
  expect(third).not.toBe(first);
  for (const text of ["", "garbage", `${readFileSync(file, "utf8").slice(0, 2_000)}`]) {
    writeFileSync(file, text);
    const { certificatePem } = await serverCertificate(folder);
    expect(new X509Certificate(certificatePem).checkHost("localhost")).toBe("localhost");
  }
});

test("a certificate or key that cannot be read, is not valid, or does not match is reported with its path and a remedy", async () => {
  const { certificateFile } = await openAuthority(folder);
  const key = join(folder, "certificates", "ca.key");
  const other = await issueDeviceCertificate(folder, "other");
  const otherKey = join(folder, "other.key");
  writeFileSync(otherKey, other.keyPem);
  const garbage = join(folder, "garbage.pem");
  writeFileSync(garbage, "no certificate");
  const cases = [
    [join(folder, "nowhere.pem"), key, "MK1421", /nowhere\.pem/],
    [folder, key, "MK1421", /EISDIR/],
    [garbage, key, "MK1421", /garbage\.pem is not a certificate/],
    [certificateFile, garbage, "MK1421", /garbage\.pem is not a private key/],
    [certificateFile, otherKey, "MK1422", /other\.key does not belong to .*ca\.crt/],
  ] as const;
  for (const [certificatePath, keyPath, code, message] of cases) {
    expect(() => readCertifiedKey(certificatePath, keyPath)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message), remedy: expect.any(String) }),
    );
  }
});

test("the error about a folder that cannot be written names the folder", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(openAuthority(join(folder, "file"))).rejects.toMatchObject({
    code: "MK1420",
    message: expect.stringContaining(join(folder, "file", "certificates")),
  });
});
