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
	unconfirmed: unconfirmedWorld,
	overdue: overdueWorld,
	contact: contactWorld,
	copies: () => storageWorld("copies"),
	india: indiaWorld,
	quiet: quietWorld,
	orders: () => ordersWorld("locks"),
	codes: codesWorld,
	authority: () => ordersWorld("authority"),
	feed: feedWorld,
	cuts: () => storageWorld("cuts"),
	terms: () => ordersWorld("terms"),
};

/** Those that take a minute together. */
export const QUICK_WORLDS: readonly string[] = ["feed", "cuts", "terms"];
