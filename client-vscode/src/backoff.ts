/** Decides whether and when a server that died is started again. */

export interface BackoffRules {
  /** Wait before the first restart, in milliseconds; doubled with each one after it. */
  readonly first: number;
  readonly longest: number;
  /** After this many deaths within `window` milliseconds it is given up. */
  readonly tries: number;
  readonly window: number;
}

export const RULES: BackoffRules = { first: 500, longest: 30_000, tries: 6, window: 5 * 60_000 };

export class Backoff {
  private deaths: number[] = [];
  private readonly rules: BackoffRules;

  constructor(rules: BackoffRules = RULES) {
    this.rules = rules;
  }

  /** Milliseconds to wait before the next start, or undefined where it died too often. `now` in milliseconds. */
  died(now: number): number | undefined {
    this.deaths = [...this.deaths.filter((death) => now - death < this.rules.window), now];
    if (this.deaths.length >= this.rules.tries) return undefined;
    return Math.min(this.rules.first * 2 ** (this.deaths.length - 1), this.rules.longest);
  }

  /** Forgets the past: the user has asked for a start. */
  reset(): void {
    this.deaths = [];
  }
}
