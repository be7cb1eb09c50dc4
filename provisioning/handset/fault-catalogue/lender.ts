import type { FaultCode } from "../fault-codes.ts";
import type { FaultEntry } from "../fault-entry.ts";

/** The words for faults of the agent, the lender's side, and giving the phone back. */
export const LENDER_FAULTS = {
	// The agent
	AGENT_UNREACHABLE: {
		meaning: "The agent on the phone does not answer.",
		remedy: "Unlock the phone and start again; if it stays so, restart the phone.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "unlock-screen",
	},
	AGENT_REPLY_INVALID: {
		meaning: "The agent on the phone answered with something that is not an answer.",
		remedy: "Start again: the agent is checked and, if need be, installed anew.",
		fixer: "technician",
		retryCanHelp: true,
	},
	AGENT_REQUEST_TOO_LARGE: {
		meaning: "What the lender sends is too long to be given to the agent over the cable. It was given nothing.",
		remedy: "Connect the phone to the internet: there it fetches everything by itself. Then start again.",
		fixer: "operator",
		retryCanHelp: true,
	},
	AGENT_REFUSED: {
		meaning: "The agent refused what was asked and changed nothing.",
		remedy: "Read the reason in the details, or send the report to the lender.",
		fixer: "lender",
		retryCanHelp: false,
	},
	AGENT_BOUND_ELSEWHERE: {
		meaning: "The agent on this phone already serves another contract. It was left as it is.",
		remedy: "Stop. Release the phone from its first contract before giving it a new one.",
		fixer: "lender",
		retryCanHelp: false,
	},
	RECEIPT_INVALID: {
		meaning: "The phone's receipt does not prove that it took this contract.",
		remedy: "Stop. Keep the phone and send the report to the lender.",
		fixer: "lender",
		retryCanHelp: false,
	},
	ATTESTATION_REFUSED: {
		meaning:
			"The phone did not prove to the lender that its key is in secure hardware and that it runs its maker's own software. The lender asks for that proof. It is not enrolled, and frees itself after some days.",
		remedy: "Do what the details say. If they say nothing that you can do, take another phone and send the report to the lender.",
		fixer: "lender",
		retryCanHelp: false,
	},
	SEAL_FAILED: {
		meaning: "The phone is enrolled, but USB debugging could not be switched off.",
		remedy: "Switch off USB debugging in Developer options by hand, and let the lender see the next check-in.",
		fixer: "operator",
		retryCanHelp: true,
		picture: "usb-debugging-off",
	},
	// The lender's side
	REGISTRY_UNREACHABLE: {
		meaning: "The lender's computer cannot be reached. The phone is as the last finished step left it.",
		remedy: "Check this computer's internet, then start again; the work goes on where it stopped.",
		fixer: "operator",
		retryCanHelp: true,
	},
	REGISTRY_REFUSED: {
		meaning: "The lender's computer refused the request.",
		remedy: "Read the reason in the details and ask the lender.",
		fixer: "lender",
		retryCanHelp: false,
	},
	REGISTRY_UNTRUSTED: {
		meaning: "The answer did not come from the lender, or was changed on its way. It was not used.",
		remedy: "Stop. Check the lender's address, and report this.",
		fixer: "lender",
		retryCanHelp: false,
	},
	CONTRACT_UNKNOWN: {
		meaning: "The lender has no contract with this number.",
		remedy: "Type or scan the contract number again.",
		fixer: "operator",
		retryCanHelp: false,
	},
	CONTRACT_CLOSED: {
		meaning: "This contract is already closed. Nothing on the phone was changed.",
		remedy: "Check the contract number, or ask the lender for the new contract.",
		fixer: "operator",
		retryCanHelp: false,
	},
	CONTRACT_BOUND_ELSEWHERE: {
		meaning: "This contract already belongs to another phone. Nothing on the phone was changed.",
		remedy: "Check the contract number; for an exchange, ask the lender to release the first phone.",
		fixer: "lender",
		retryCanHelp: false,
	},
	CONTRACT_LEASED_ELSEWHERE: {
		meaning: "Another station is working on this contract. Nothing on the phone was changed.",
		remedy: "Bring the phone to the station that the details name, or wait until that station has let go of the contract.",
		fixer: "operator",
		retryCanHelp: true,
	},
	IMEI_ON_OTHER_CONTRACT: {
		meaning: "This phone already belongs to another contract. Nothing on the phone was changed.",
		remedy: "Stop. Ask the lender which contract is right.",
		fixer: "lender",
		retryCanHelp: false,
	},
	PAYOFF_NOT_PROVEN: {
		meaning: "The lender does not confirm that everything was paid, so the phone was not released.",
		remedy: "Ask the lender to record the last payment, then start again.",
		fixer: "lender",
		retryCanHelp: true,
	},
	// Work without the lender's side
	VOUCHER_MISSING: {
		meaning: "The lender's computer cannot be reached, and no voucher for this phone was fetched while it could.",
		remedy: "Put the phone aside and start it again when the lender's computer can be reached.",
		fixer: "operator",
		retryCanHelp: true,
	},
	VOUCHER_EXPIRED: {
		meaning: "The lender's computer cannot be reached, and this phone's voucher has expired or ends within the hour.",
		remedy: "Put the phone aside and start it again when the lender's computer can be reached.",
		fixer: "operator",
		retryCanHelp: true,
	},
	STATION_CLOCK_WRONG: {
		meaning: "The clock of this computer is wrong: its vouchers were made later than it says. No voucher was used.",
		remedy: "Set the date and time of this computer, then start again.",
		fixer: "technician",
		retryCanHelp: false,
	},
	// Giving the phone back
	RELEASE_INCOMPLETE: {
		meaning: "The release was accepted, but something on the phone is still restricted.",
		remedy: "Leave the phone plugged in and run the release again.",
		fixer: "technician",
		retryCanHelp: true,
	},
	OWNER_REMAINS: {
		meaning: "The release was accepted, but the agent is still in charge of the phone.",
		remedy: "Restart the phone and run the release again.",
		fixer: "technician",
		retryCanHelp: true,
	},
	STILL_FINANCED: {
		meaning: "The lender says that this phone is on a running contract.",
		remedy: "Look the phone up by its IMEI, and end that contract first.",
		fixer: "lender",
		retryCanHelp: false,
	},
	CERTIFICATE_UNPROVEN: {
		meaning: "There is no payoff certificate of the lender that proves this phone to be free.",
		remedy: "Compare the certificate's number with the paper, and run the release to its end.",
		fixer: "technician",
		retryCanHelp: false,
	},
} as const satisfies Partial<Record<FaultCode, FaultEntry>>;
