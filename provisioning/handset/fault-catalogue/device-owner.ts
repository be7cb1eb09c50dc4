import type { FaultCode } from "../fault-codes.ts";
import type { FaultEntry } from "../fault-entry.ts";

/** The words for faults of becoming device owner. Causes and remedies follow the AOSP sources and field reports of the texts in `dpm-faults.ts`. */
export const OWNER_FAULTS = {
	DPM_ACCOUNTS_PRESENT: {
		meaning: "An account is still signed in on the phone, so the agent could not be put in charge.",
		remedy: "In Settings > Accounts, remove every account, wait ten seconds, start again. Do not restart the phone.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "remove-accounts",
	},
	DPM_REFUSED_SILENTLY: {
		meaning: "The phone refused to put the agent in charge and gave no reason; most often an account is left in some user.",
		remedy: "Remove the accounts of every user and of every second space, then start again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "remove-accounts",
	},
	DPM_USERS_PRESENT: {
		meaning: "The phone has a second user, second space or dual apps, so the agent could not be put in charge.",
		remedy: "In Settings, remove dual apps, second space and other users, then start again.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "remove-users",
	},
	DPM_OWNER_EXISTS: {
		meaning: "Another company's app is already in charge of this phone. It was left as it is.",
		remedy: "Stop. Find out who owns this phone; only they can give it back.",
		fixer: "lender",
		retryCanHelp: false,
	},
	DPM_PROFILE_OWNER: {
		meaning: "The phone has a work app in charge of its main user. It was left as it is.",
		remedy: "In Settings, remove the work profile or work app, or reset the phone.",
		fixer: "operator",
		retryCanHelp: false,
		picture: "remove-work-profile",
	},
	DPM_USER_NOT_RUNNING: {
		meaning: "The phone has not been unlocked since it started.",
		remedy: "Unlock the phone's screen, wait ten seconds, then start again.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "unlock-screen",
	},
	DPM_CALLER: {
		meaning: "The phone says that set-up is over or that the wrong user asked.",
		remedy: "Switch to the phone's main user and start again; otherwise reset the phone.",
		fixer: "technician",
		retryCanHelp: false,
	},
	DPM_OEM_RULE: {
		meaning: "This maker's software has a rule of its own against putting the agent in charge.",
		remedy: "Send the report: this model needs an engineer's look.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	DPM_UNKNOWN_ADMIN: {
		meaning: "The phone does not find the agent's admin part yet.",
		remedy: "Start again: the agent is checked and, if need be, installed anew.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DPM_BAD_ADMIN: {
		meaning: "The agent file is not made as the phone wants an admin app to be.",
		remedy: "Use the released agent file; report this if it was.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	DPM_ADMIN_REMOVING: {
		meaning: "The phone is still taking back an earlier try.",
		remedy: "Wait ten seconds, then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DPM_NOT_ACTIVE: {
		meaning: "The agent is not installed for the phone's main user.",
		remedy: "Start again: the agent is checked and, if need be, installed anew.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DPM_USAGE: {
		meaning: "This program asked the phone in a way it does not understand. Nothing on the phone was changed.",
		remedy: "Update this program; report this if it is the newest.",
		fixer: "engineer",
		retryCanHelp: false,
	},
	DPM_SERVICE_DOWN: {
		meaning: "The phone's management service is not running, most often just after a start.",
		remedy: "Wait half a minute, then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	DO_PROTECTED: {
		meaning: "The agent is in charge and protects itself, as it should: it can't be removed this way.",
		remedy: "Release the phone first, with the release command.",
		fixer: "operator",
		retryCanHelp: false,
	},
} as const satisfies Partial<Record<FaultCode, FaultEntry>>;
