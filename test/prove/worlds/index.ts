import type { World } from "../world.ts";
import { feedWorld, unconfirmedWorld, unreadWorld } from "./beginnings.ts";
import { codesWorld } from "./codes.ts";
import { budgetWorld, contactWorld } from "./contact.ts";
import { ordersWorld } from "./orders.ts";
import { overdueWorld } from "./overdue.ts";
import { indiaWorld, quietWorld } from "./places.ts";
import { storageWorld } from "./storage.ts";

/** Every world by its name, the longest search first. */
export const WORLDS: Readonly<Record<string, () => World>> = {
	overdue: overdueWorld,
	contact: contactWorld,
	quiet: quietWorld,
	india: indiaWorld,
	authority: () => ordersWorld("authority"),
	orders: () => ordersWorld("locks"),
	codes: codesWorld,
	copies: () => storageWorld("copies"),
	feed: feedWorld,
	unread: unreadWorld,
	budget: budgetWorld,
	cuts: () => storageWorld("cuts"),
	terms: () => ordersWorld("terms"),
	unconfirmed: unconfirmedWorld,
};

/** Those that take half a minute together. */
export const QUICK_WORLDS: readonly string[] = ["feed", "cuts", "terms", "unconfirmed"];
