import type { World } from "../world.ts";
import { feedWorld, unconfirmedWorld } from "./beginnings.ts";
import { codesWorld } from "./codes.ts";
import { contactWorld } from "./contact.ts";
import { ordersWorld } from "./orders.ts";
import { overdueWorld } from "./overdue.ts";
import { indiaWorld, quietWorld } from "./places.ts";
import { storageWorld } from "./storage.ts";

/** Every world by its name, the longest search first. */
export const WORLDS: Readonly<Record<string, () => World>> = {
	contact: contactWorld,
	orders: ordersWorld,
	overdue: overdueWorld,
	storage: storageWorld,
	quiet: quietWorld,
	india: indiaWorld,
	codes: () => codesWorld(),
	guesses: () => codesWorld(true),
	feed: feedWorld,
	unconfirmed: unconfirmedWorld,
};

/** Those that take a minute together. */
export const QUICK_WORLDS: readonly string[] = ["feed", "india"];
