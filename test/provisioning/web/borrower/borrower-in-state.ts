import { requestNumber } from "../../../../proto/request-number.ts";
import { wire } from "../../../../proto/wire.ts";
import type { ContractRequest } from "../../../../provisioning/registry/api.ts";
import { evidence, TestPhone } from "../../registry/test-phone.ts";
import { ADMIN_TOKEN, contractRequest, DAY, START, type TestRegistry } from "../../registry/test-registry.ts";

const { STANDING_UNLOCKED, STANDING_GRACE, STANDING_LOCKED_LIMITED, STANDING_LOCKED_FULL, STANDING_RELEASED } = wire.Standing;
const { RESTRICTION_LEVEL_LIMITED, RESTRICTION_LEVEL_FULL } = wire.RestrictionLevel;
const { LOCK_CAUSE_OVERDUE, LOCK_CAUSE_OFFLINE, LOCK_CAUSE_ORDERED, LOCK_CAUSE_OBSERVED } = wire.LockCause;

/** What a phone's screen asks for a code with. */
export const SHOWN = requestNumber({ counter: 3, nonce: 417 });

/** A contract whose phone was heard of, and the code that opens its page. */
export interface Borrower {
	readonly contractId: string;
	readonly code: string;
	readonly phone: TestPhone;
	/** A check-in with this status, and the answer taken. */
	reports(status: wire.DeviceStatus.$Properties, changes?: wire.CheckIn.$Properties): Promise<void>;
}

export async function makeBorrower(
	registry: TestRegistry,
	contractId: string,
	changes: Partial<ContractRequest> = {},
	phone = new TestPhone(),
): Promise<Borrower> {
	await registry.admin.createContract(contractRequest(contractId, changes));
	const offer = await registry.port.offerEnrollment(contractId, phone.identity);
	await registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer), evidence(contractId));
	const reports: Borrower["reports"] = async (status, more = {}) => {
		const told = {
			standing: STANDING_UNLOCKED,
			contact: wire.ContactState.CONTACT_STATE_FRESH,
			sealed: true,
			codeCounter: 3,
			codeNonce: 417,
			paidUntilUnixSeconds: START + 30 * DAY,
			...status,
		};
		phone.takeReply(await registry.port.relayCheckIn(await phone.checkIn({ status: told, ...more })));
	};
	await reports({});
	return { contractId, code: await borrowerCode(registry, contractId), phone, reports };
}

export async function borrowerCode({ url }: Pick<TestRegistry, "url">, contractId: string): Promise<string> {
	const response = await fetch(`${url}/v1/contracts/${contractId}/borrower-code`, {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer ${ADMIN_TOKEN}` },
		body: "{}",
	});
	const { code } = (await response.json()) as { code: string }; // as the schema says
	return code;
}

/** The phone is locked for a debt. */
export const OVERDUE_FULL = { standing: STANDING_LOCKED_FULL, level: RESTRICTION_LEVEL_FULL, causes: [LOCK_CAUSE_OVERDUE] };

/** Every state that the page tells apart: how to come there, and the sentence that is then said. The clock stands where each leaves it. */
export const STATES: readonly {
	readonly name: string;
	readonly line: string;
	arrange(registry: TestRegistry): Promise<{ contractId: string; code: string }>;
}[] = [
	{
		name: "no phone yet",
		line: "No phone is set up under this contract yet.",
		async arrange(registry) {
			await registry.admin.createContract(contractRequest("S-NONE"));
			return { contractId: "S-NONE", code: await borrowerCode(registry, "S-NONE") };
		},
	},
	{ name: "paid", line: "You are paid up. Your phone works.", arrange: (registry) => makeBorrower(registry, "S-PAID") },
	{
		name: "in grace",
		line: "A payment is late. Your phone still works.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-GRACE");
			registry.now = START + 31 * DAY;
			await borrower.reports({ standing: STANDING_GRACE });
			return borrower;
		},
	},
	{
		name: "overdue and not locked",
		line: "A payment is late. Your phone was not locked when it last reported.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-OVERDUE");
			registry.now = START + 40 * DAY;
			return borrower;
		},
	},
	{
		name: "on hold",
		line: "Your contract is on hold. Your phone is not locked.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-HELD");
			registry.now = START + 31 * DAY;
			await registry.admin.issueOrder("S-HELD", {
				action: "hold",
				kind: "promise_to_pay",
				untilUnixSeconds: registry.now + 7 * DAY,
				reason: "promise_to_pay",
			});
			return borrower;
		},
	},
	{
		name: "locked for a debt",
		line: "Your phone is locked because a payment is late.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-LOCKED");
			registry.now = START + 40 * DAY;
			await borrower.reports(OVERDUE_FULL);
			return borrower;
		},
	},
	{
		name: "locked in part",
		line: "Your phone is locked because a payment is late.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-LIMITED");
			registry.now = START + 40 * DAY;
			await borrower.reports({ ...OVERDUE_FULL, standing: STANDING_LOCKED_LIMITED, level: RESTRICTION_LEVEL_LIMITED });
			return borrower;
		},
	},
	{
		name: "locked for want of contact",
		line: "Your phone is locked because it had no contact with the lender for too long.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-OFFLINE");
			await borrower.reports({ ...OVERDUE_FULL, causes: [LOCK_CAUSE_OFFLINE] });
			return borrower;
		},
	},
	{
		name: "locked by an order",
		line: "Your phone is locked because the lender ordered it.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-ORDERED");
			await registry.admin.issueOrder("S-ORDERED", {
				action: "restrict",
				level: "limited",
				reason: "fraud",
				note: "police report 1",
			});
			await borrower.reports({
				standing: STANDING_LOCKED_LIMITED,
				level: RESTRICTION_LEVEL_LIMITED,
				causes: [LOCK_CAUSE_ORDERED],
			});
			return borrower;
		},
	},
	{
		name: "locked for what the phone saw",
		line: "Your phone said that it is locked when it last reported.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-OBSERVED");
			await borrower.reports({
				standing: STANDING_LOCKED_LIMITED,
				level: RESTRICTION_LEVEL_LIMITED,
				causes: [LOCK_CAUSE_OBSERVED],
			});
			return borrower;
		},
	},
	{
		name: "paid and not yet unlocked",
		line: "You have paid. The unlock is on its way to your phone.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-COMING");
			registry.now = START + 40 * DAY;
			await borrower.reports(OVERDUE_FULL);
			await registry.admin.recordPayment("S-COMING", { reference: "pay-coming", amountMinor: 2000 });
			return borrower;
		},
	},
	{
		name: "paid, and the phone has not heard of it",
		line: "You have paid, but your phone has not heard of it.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-UNHEARD");
			registry.now = START + 40 * DAY;
			await borrower.reports(OVERDUE_FULL);
			await registry.admin.recordPayment("S-UNHEARD", { reference: "pay-unheard", amountMinor: 2000 });
			// It takes the extension, and reports that it did, with a status from before.
			await borrower.reports(OVERDUE_FULL);
			await borrower.reports(OVERDUE_FULL, { outcomes: borrower.phone.outcomes });
			return borrower;
		},
	},
	{
		name: "ended, and the phone does not know",
		line: "The contract has ended. Your phone does not know it yet.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-ENDED");
			await registry.admin.payOff("S-ENDED", { reference: "all-paid" });
			return borrower;
		},
	},
	{
		name: "released",
		line: "The phone is all yours.",
		async arrange(registry) {
			const borrower = await makeBorrower(registry, "S-FREE");
			await registry.admin.payOff("S-FREE", { reference: "all-paid" });
			await borrower.reports({ standing: STANDING_RELEASED, ownershipReturned: true });
			return borrower;
		},
	},
];
