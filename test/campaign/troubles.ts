import { MACHINE_TROUBLES } from "./machine-troubles.ts";
import { PEOPLE_TROUBLES } from "./people-troubles.ts";
import { PHONE_TROUBLES } from "./phone-troubles.ts";
import type { Trouble } from "./trouble.ts";

/** Every trouble of the campaign. */
export const TROUBLES: readonly Trouble[] = [...PHONE_TROUBLES, ...PEOPLE_TROUBLES, ...MACHINE_TROUBLES];
