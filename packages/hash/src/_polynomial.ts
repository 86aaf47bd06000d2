/**
 * The generator of a CRC, bits reflected: the most significant bit of the register is the coefficient of x^0. A
 * register of 32 bits is the low word of a pair whose high word is 0.
 */
export interface Polynomial extends Register {
  readonly width: 32 | 64;
  /** `powers[i][digit]` is x^(8·digit·16^i); made when first needed. */
  readonly powers: Register[][];
}

export interface Register {
  readonly high: number;
  readonly low: number;
}

/**
 * The register after `length` zero bytes: `value` · x^(8·length). Only a CRC whose register starts and ends inverted
 * equals this plain remainder once the two inversions have cancelled, as they do in a sum of two such CRCs.
 */
export function shift(value: Register, length: number, polynomial: Polynomial): Register {
  let shifted = value;
  let rest = length;
  // By hexadecimal digits: a length of 53 bits takes 14 multiplications at most.
  for (let index = 0; rest > 0; index += 1) {
    const digit = rest % 16;
    if (digit > 0) shifted = multiply(shifted, power(index, digit, polynomial), polynomial);
    rest = Math.floor(rest / 16);
  }
  return shifted;
}

function power(index: number, digit: number, polynomial: Polynomial): Register {
  const known = polynomial.powers[index]?.[digit];
  if (known) return known;
  let made: Register;
  if (digit > 1) made = multiply(power(index, digit - 1, polynomial), power(index, 1, polynomial), polynomial);
  else if (index > 0) made = multiply(power(index - 1, 15, polynomial), power(index - 1, 1, polynomial), polynomial);
  // x^8 is the ninth bit from the top.
  else made = polynomial.width === 32 ? { high: 0, low: 1 << 23 } : { high: 1 << 23, low: 0 };
  polynomial.powers[index] ??= [];
  (polynomial.powers[index] as Register[])[digit] = made;
  return made;
}

/** a·b modulo the polynomial: for each bit of `a`, from x^0 up, adds `b` and then multiplies it by x. */
function multiply(a: Register, b: Register, polynomial: Polynomial): Register {
  let high = 0;
  let low = 0;
  let factorHigh = b.high;
  let factorLow = b.low;
  for (let bit = polynomial.width - 1; bit >= 0; bit -= 1) {
    // A mask of ones or zeros in place of a branch, which random bits would mispredict every other time.
    const chosen = -(((bit >= 32 ? a.high : a.low) >>> (bit & 31)) & 1);
    high ^= factorHigh & chosen;
    low ^= factorLow & chosen;
    const carry = -(factorLow & 1);
    factorLow = (factorLow >>> 1) | (factorHigh << 31);
    factorHigh >>>= 1;
    factorHigh ^= polynomial.high & carry;
    factorLow ^= polynomial.low & carry;
  }
  return { high: high >>> 0, low: low >>> 0 };
}
