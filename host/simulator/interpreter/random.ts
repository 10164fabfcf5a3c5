/** The source of random values of a simulated board (`Math.random`, `E.hwRand`, noise of its sensor). It is passed in. */

export interface Random {
  /** A whole number of 32 bits, 0 to 4,294,967,295. */
  nextUint32(): number;
}

/** A fraction in [0, 1). */
export function nextFraction(random: Random): number {
  return random.nextUint32() / 0x100000000;
}

/** The same sequence for the same seed on any computer (Marsaglia's xorshift with a mixed seed). */
export function seededRandom(seed: number): Random {
  let state = mixBits(seed) || 1;
  return {
    nextUint32() {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    },
  };
}

/** Mixes the bits of similar seeds (1, 2, 3, …), so that their sequences differ. */
function mixBits(seed: number): number {
  let bits = (seed ^ 0x9e3779b9) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
