import type { SettingKind } from "./setting-kinds.ts";

/** One setting. The documents are generated from this. */
export interface Setting<T = unknown> {
  readonly kind: SettingKind<Exclude<T, undefined>>;
  readonly builtIn: T;
  /** What it does, as one sentence. */
  readonly effect: string;
  /** The flag of `omnibus serve`, if it has one. */
  readonly flag?: string;
  /** Whether it is never shown. */
  readonly isSecret?: boolean;
}
