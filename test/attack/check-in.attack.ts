import { encode } from "../../proto/codec.ts";
import { PayloadType, seal } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { makeKey } from "../../provisioning/registry/keys/key-file.ts";
import { crypto, evidence, TestPhone } from "../provisioning/registry/test-phone.ts";
import { contractRequest } from "../provisioning/registry/test-registry.ts";
import type { Attack } from "./attack.ts";
import { each, refusalOf, type Stage } from "./stage.ts";

async function checkInWith(
	stage: Stage,
	contractId: string,
	changes: wire.CheckIn.$Properties,
	signer?: TestPhone["device"],
): Promise<string> {
	const { phone } = await stage.enrolled(contractId);
	const body = await phone.checkIn(changes, signer ?? phone.device);
	const { status, code } = await stage.call("POST", "/v1/device/check-in", {
		body,
		headers: { "content-type": "application/x-protobuf" },
	});
	return `${status} ${code}`.trim();
}

/** A phone that lies to the registry. */
export const checkInAttacks: readonly Attack[] = [
	{
		id: "handset-other-key",
		source: "plan: IMEI clone",
		attack: "A second phone with a cloned IMEI checks in for the first, with a key of its own",
		expected: "403 CHECK_IN_REFUSED",
		run: (stage) => checkInWith(stage, "HS-1", {}, makeKey(crypto).signer),
	},
	{
		id: "handset-names-another-device",
		source: "plan; OWASP API1:2023",
		attack: "A phone signs a check-in in the name of another device",
		expected: "each refused (2)",
		async run(stage) {
			const { offer } = await stage.enrolled("HS-2");
			const first = await checkInWith(stage, "HS-3", { deviceId: offer.deviceId });
			const second = await checkInWith(stage, "HS-4", { contractId: "HS-2" });
			return each([first, second].map((answer) => (/^4\d\d /.test(answer) ? "refused" : answer)));
		},
	},
	{
		id: "handset-replays-check-in",
		source: "plan: replay",
		attack: "An overheard check-in is sent again after a later one",
		expected: "409 CHECK_IN_REPLAYED",
		async run(stage) {
			const { phone } = await stage.enrolled("HS-5");
			const old = await phone.checkIn();
			await stage.registry.port.relayCheckIn(old);
			await stage.registry.port.relayCheckIn(await phone.checkIn());
			const { status, code } = await stage.call("POST", "/v1/device/check-in", {
				body: old,
				headers: { "content-type": "application/x-protobuf" },
			});
			return `${status} ${code}`;
		},
	},
	{
		id: "handset-claims-release",
		source: "plan: lies",
		attack: "A phone that owes says of itself that it was released",
		expected: "the contract stays open",
		async run(stage) {
			const { phone } = await stage.enrolled("HS-6");
			await stage.registry.port
				.relayCheckIn(await phone.checkIn({ status: { standing: wire.Standing.STANDING_RELEASED } }))
				.catch(() => {});
			const { state } = await stage.registry.admin.getContract("HS-6");
			return `the contract stays ${state}`;
		},
	},
	{
		id: "handset-claims-payment",
		source: "plan: lies",
		attack: "A phone says that it obeyed an extension that nobody signed, a thousand of them",
		expected: "nothing paid; no order accepted",
		async run(stage) {
			const { phone } = await stage.enrolled("HS-7");
			const outcomes = Array.from({ length: 100 }, (_, index) => ({
				sequence: index + 1,
				epoch: 1,
				result: wire.OrderResult.ORDER_RESULT_ACCEPTED,
			}));
			await stage.registry.port.relayCheckIn(await phone.checkIn({ outcomes, lastSequence: 100 })).catch(() => {});
			const [{ paidMinor }, orders] = [
				await stage.registry.admin.getContract("HS-7"),
				await stage.registry.admin.listOrders("HS-7"),
			];
			return `${paidMinor === 0 ? "nothing paid" : "paid"}; ${orders.some(({ state }) => state === "accepted") ? "an order accepted" : "no order accepted"}`;
		},
	},
	{
		id: "handset-other-imeis-in-receipt",
		source: "plan: IMEI clone",
		attack: "The phone on the cable signs a receipt that names other IMEIs, another contract, another binding and another serial",
		expected: "each refused (4)",
		async run(stage) {
			const answers: string[] = [];
			const changes = [
				{ imeis: ["490154203237518"] },
				{ contractId: "HS-1" },
				{ bindingSha256: new Uint8Array(32) },
				{ serial: "OTHER" },
			];
			for (const [index, change] of changes.entries()) {
				const contractId = `HS-8-${index}`;
				await stage.registry.admin.createContract(contractRequest(contractId));
				const phone = new TestPhone();
				const offer = await stage.registry.port.offerEnrollment(contractId, phone.identity);
				const code = await refusalOf(
					stage.registry.port.confirmEnrollment(offer.enrollmentId, await phone.bind(offer, change), evidence(contractId)),
				);
				answers.push(code === "done" ? "taken" : "refused");
			}
			return each(answers);
		},
	},
	{
		id: "handset-check-in-bombs",
		source: "plan: huge replies",
		attack: "Check-ins of rubbish, of empty fields, unsigned, of another message type, and with unknown fields",
		expected: "each 4xx (5)",
		async run(stage) {
			const { phone } = await stage.enrolled("HS-9");
			const good = await phone.checkIn();
			const bodies = [
				new Uint8Array(1000).fill(0xff),
				new Uint8Array(16_000).map((_, index) => (index % 2 === 0 ? 0x1a : 0)),
				encode(wire.Envelope, { payload: new Uint8Array(10), payloadType: PayloadType.checkIn, signatures: [] }),
				await seal(wire.BindingReceipt, PayloadType.bindingReceipt, { deviceId: "d", contractId: "c" }, [phone.device]),
				Uint8Array.from([...good, 0xfa, 0x01, 0x00]),
			];
			const answers = [];
			for (const body of bodies)
				answers.push(
					(await stage.call("POST", "/v1/device/check-in", { body, headers: { "content-type": "application/x-protobuf" } }))
						.status,
				);
			return each(answers.map((status) => (status >= 400 && status < 500 ? "4xx" : String(status))));
		},
	},
];
