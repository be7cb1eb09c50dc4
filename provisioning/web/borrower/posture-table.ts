// Written by npm run docs from agent/policy/posture.ts. Never edited.

/** Whether a control works. `may_be_off`: off on phones that can do that. */
export type Works = "open" | "off" | "may_be_off";
/** Where the contract stands, as far as it matters for what works. */
export type Column = "unlocked" | "grace" | "limited" | "full";

/** One control of the phone, and where it works. */
export type PostureRow = { readonly control: string } & Readonly<Record<Column, Works>>;

export const POSTURE_TABLE: readonly PostureRow[] = [
	{ control: "emergencyCall", unlocked: "open", grace: "open", limited: "open", full: "open" },
	{ control: "incomingCalls", unlocked: "open", grace: "open", limited: "open", full: "open" },
	{ control: "supportLine", unlocked: "open", grace: "open", limited: "open", full: "open" },
	{ control: "payApp", unlocked: "open", grace: "open", limited: "open", full: "open" },
	{ control: "internet", unlocked: "open", grace: "open", limited: "open", full: "open" },
	{ control: "messagesAndAlerts", unlocked: "open", grace: "open", limited: "open", full: "open" },
	{ control: "outgoingCalls", unlocked: "open", grace: "open", limited: "open", full: "may_be_off" },
	{ control: "cameraAndGallery", unlocked: "open", grace: "open", limited: "off", full: "off" },
	{ control: "otherApps", unlocked: "open", grace: "open", limited: "may_be_off", full: "may_be_off" },
	{ control: "lockTask", unlocked: "open", grace: "open", limited: "open", full: "off" },
	{ control: "settings", unlocked: "open", grace: "open", limited: "open", full: "may_be_off" },
	{ control: "statusBar", unlocked: "open", grace: "open", limited: "open", full: "may_be_off" },
	{ control: "factoryReset", unlocked: "may_be_off", grace: "may_be_off", limited: "may_be_off", full: "may_be_off" },
	{ control: "safeMode", unlocked: "may_be_off", grace: "may_be_off", limited: "may_be_off", full: "may_be_off" },
	{ control: "debugging", unlocked: "off", grace: "off", limited: "off", full: "off" },
	{ control: "addUser", unlocked: "off", grace: "off", limited: "off", full: "off" },
	{ control: "dateAndTime", unlocked: "open", grace: "open", limited: "open", full: "open" },
	{ control: "uninstallAgent", unlocked: "off", grace: "off", limited: "off", full: "off" },
];
