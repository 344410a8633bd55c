/** The private key whose seed is the bytes 00 to 1f: as public as a key can be. */
export const SEED_KEY_PEM = [
  "-----BEGIN PRIVATE KEY-----",
  "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
  "-----END PRIVATE KEY-----",
  "",
].join("\n");

/** Its public key. */
export const SEED_PUBLIC_KEY = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
