import { apiCallerAttacks } from "./api-caller.attack.ts";
import { apiInputAttacks } from "./api-input.attack.ts";
import { apiLoadAttacks } from "./api-load.attack.ts";
import type { Attack } from "./attack.ts";
import { borrowerAttacks } from "./borrower.attack.ts";
import { checkInAttacks } from "./check-in.attack.ts";
import { fileAttacks } from "./files.attack.ts";
import { handsetAttacks } from "./handset.attack.ts";
import { insiderAttacks } from "./insider.attack.ts";
import { providerAttacks } from "./provider.attack.ts";
import { registryAttacks } from "./registry.attack.ts";
import { stolenKeyAttacks } from "./stolen-keys.attack.ts";
import { webhookAttacks } from "./webhook.attack.ts";

/** Every row, grouped by who attacks. */
export const ATTACKS: Readonly<Record<string, readonly Attack[]>> = {
	"Whoever calls the registry's API": [...apiCallerAttacks, ...apiLoadAttacks, ...apiInputAttacks],
	"Whoever has one of the lender's keys": stolenKeyAttacks,
	"People and programs of the lender's own side": insiderAttacks,
	"The one who has the phone": borrowerAttacks,
	"A phone or an adb server that lies": [...handsetAttacks, ...checkInAttacks],
	"Whoever stands in the place of a server": [...registryAttacks, ...webhookAttacks, ...providerAttacks],
	"Files and texts that somebody brings": fileAttacks,
};
