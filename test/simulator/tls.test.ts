/** Key and certificates of `require("tls").connect` on both engines. Tests of TLS itself are in test/interop. */
import { expect, it } from "vitest";
import { boot, describeEngine, serve } from "../fixtures/engine-suite.ts";

describeEngine("the options of a TLS connection", (engine) => {
  /** The output of an attempt to connect with these options. */
  async function outcomeOf(options: string): Promise<string[]> {
    const server = await serve((socket) => socket.resume());
    const { lines, untilLine } = await boot(
      engine,
      `try { require("tls").connect({ host: "127.0.0.1", port: ${server.port}, ${options} }); print("connects"); }
      catch (error) { print(error.message); } print("end");`,
    );
    await untilLine("end");
    return lines.slice(0, -1);
  }

  it("tls.connect: key and certificates are optional", async () => {
    expect(await outcomeOf("ca: undefined, key: undefined")).toEqual(["connects"]);
  });

  it("tls.connect: strings of at most 100 bytes are file names", async () => {
    for (const option of ["ca", "cert", "key"]) {
      const lines = await outcomeOf(`${option}: "abc"`);
      expect(lines[0]).toBe('WARNING: File "abc" not found');
      expect(lines[1]).toMatch(/^(Error: )?Could not open file : UNKNOWN$/);
    }
  });

  it("tls.connect: key and certificates that are not DER are refused", async () => {
    for (const [option, what] of [
      ["ca", "mbedtls_x509_crt_parse of 'ca'"],
      ["cert", "mbedtls_x509_crt_parse of 'cert'"],
      ["key", "mbedtls_pk_parse_key"],
    ]) {
      for (const value of ['function() { return "abc"; }', `"${"x".repeat(101)}"`]) {
        const [line] = await outcomeOf(`${option}: ${value}`);
        expect(line).toContain(`HTTPS init failed! ${what}: `);
      }
    }
  });
});
