import { kept } from "../lib/store";

/** What this browser was told about calls. */
export interface PhonePrefs {
  /** It is used for calls. */
  on: boolean;
  /** Device ids; empty: what the system uses. */
  mic: string;
  speaker: string;
  ring: string;
  /** Take echo and noise out of the agent's voice. */
  clean: boolean;
}

export const phonePrefs = kept<PhonePrefs>("phone", { on: false, mic: "", speaker: "", ring: "", clean: true });

export function setPhone(change: Partial<PhonePrefs>) {
  phonePrefs.set((now) => ({ ...now, ...change }));
}
