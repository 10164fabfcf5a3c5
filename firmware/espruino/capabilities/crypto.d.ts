/** Digests and ciphers, on boards that have them. */

type CryptoBytes = string | ArrayBuffer | ArrayBufferView | readonly number[];

interface AesOptions {
  /** 16 bytes, for all modes but ECB. */
  iv?: CryptoBytes;
  mode?: "CBC" | "CFB" | "CTR" | "OFB" | "ECB";
}

interface AesCipher {
  /** The length must be a multiple of 16. */
  decrypt(data: CryptoBytes, key: CryptoBytes, options?: AesOptions): ArrayBuffer;
  encrypt(data: CryptoBytes, key: CryptoBytes, options?: AesOptions): ArrayBuffer;
}

/** The names of the digests that `PBKDF2` can use. */
type CryptoHasher = "SHA1" | "SHA224" | "SHA256" | "SHA384" | "SHA512";

interface CryptoModule {
  readonly AES: AesCipher;
  SHA1(message: CryptoBytes): ArrayBuffer;
  SHA224(message: CryptoBytes): ArrayBuffer;
  SHA256(message: CryptoBytes): ArrayBuffer;
  SHA384(message: CryptoBytes): ArrayBuffer;
  SHA512(message: CryptoBytes): ArrayBuffer;
  PBKDF2(
    passphrase: CryptoBytes,
    salt: CryptoBytes,
    options?: { keySize?: number; iterations?: number; hasher?: CryptoHasher },
  ): ArrayBuffer;
}

declare var AES: AesCipher;

interface EspruinoModules {
  crypto: CryptoModule;
}
