import type { FaultCode } from "../../provisioning/handset/fault-codes.ts";
import { FAULTS } from "../lab/faults.ts";
import type { LabHandset } from "../lab/lab.ts";
import { anyStep, eachAtSomeStep, some, type Trouble } from "./trouble.ts";

/** Played elsewhere one by one: they take a link's whole deadline, unplug themselves, or need another Android. */
const ELSEWHERE = new Set([
	"frozen",
	"frozen-at-owner",
	"slow-usb",
	"transfer-stalls",
	"adb-offline",
	"unplug",
	"unplug-at-bind",
	"unplug-at-install",
	"reboot-midway",
	"swapped-midway",
	"key-denied",
	"key-ignored",
	"foyer",
	"private-space",
	"owner-old-options", // only the doctor's question has an option that such a phone does not know: it can be enrolled
]);
const FAST_FAULTS = FAULTS.filter(
	({ id, seenBy, minSdk }) => (seenBy === "doctor" || seenBy === "enroll") && minSdk === undefined && !ELSEWHERE.has(id),
);

/** A phone that leaves while its connection is being opened, before anything of it was read. No run has begun. */
const LEFT_AGAIN: readonly FaultCode[] = ["NO_DEVICE"];

/** A station looks for a unit by the phone's IMEIs: where others know a wrong phone, a station knows one that is nobody's. */
const ON_A_STATION: Readonly<Record<string, readonly FaultCode[]>> = { "imei-other": ["UNIT_NOT_IN_BATCH"] };

/** What goes wrong with phones, cables, hubs and the adb server. */
export const PHONE_TROUBLES: readonly Trouble[] = [
	{
		id: "none",
		what: "nothing goes wrong",
		codes: [],
		phones: 16,
		async play(round) {
			await round.plugAll();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "unplug-same-port",
		what: "a cable is pulled at a random step and put back",
		codes: ["USB_LOST"],
		phones: 12,
		async play(round) {
			await round.plugAll();
			const { hub } = round.its;
			await eachAtSomeStep(round, (handset) => {
				hub.unplug(round.portOf(handset));
				hub.plug(handset, round.portOf(handset));
			});
			await round.passed();
			return undefined;
		},
	},
	{
		id: "unplug-other-port",
		what: "the same phone goes on in another port",
		codes: ["USB_LOST"],
		phones: 12,
		async play(round) {
			await round.plugAll();
			await eachAtSomeStep(round, (handset, index) => round.its.hub.move(round.portOf(handset), `2-1.${index + 1}`));
			await round.passed();
			return undefined;
		},
	},
	{
		id: "cable-knocked",
		what: "the link is lost and back at once, twice",
		codes: ["USB_LOST"],
		mayShow: LEFT_AGAIN,
		phones: 12,
		async play(round) {
			await round.plugAll();
			await eachAtSomeStep(round, (handset) => round.its.hub.drop(round.portOf(handset)), 2);
			await round.passed();
			return undefined;
		},
	},
	{
		id: "hub-unplugged",
		what: "a hub with 16 phones at work is unplugged and plugged in again",
		codes: ["USB_LOST"],
		mayShow: LEFT_AGAIN,
		phones: 16,
		async play(round) {
			await round.plugAll();
			await round.atStep(some(round.handsets, round), anyStep(round));
			const plugIn = round.its.hub.unplugHub("1-1");
			const plugOther = round.its.hub.unplugHub("1-2");
			plugIn();
			plugOther();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "adb-server-killed",
		what: "the adb server is killed under all of them",
		// Who is told by its own link says that the server is gone; who asks the next server hears that it has no such phone.
		codes: ["ADB_SERVER_GONE", "USB_LOST"],
		mayShow: LEFT_AGAIN,
		phones: 12,
		async play(round) {
			await round.plugAll();
			await round.atStep(some(round.handsets, round), anyStep(round));
			await round.its.hub.killServer();
			await round.its.hub.startServer();
			await round.passed();
			return undefined;
		},
	},
	{
		id: "unauthorized",
		what: "nobody taps Allow, then somebody does",
		codes: [],
		shows: ["ADB_UNAUTHORIZED"],
		phones: 8,
		async play(round) {
			for (const handset of round.handsets) await round.plug(handset, { state: "unauthorized" });
			await Promise.all(round.handsets.map((handset) => round.shows(handset, "ADB_UNAUTHORIZED")));
			for (const handset of round.handsets) round.its.hub.setState(round.portOf(handset), "device");
			await round.passed();
			return undefined;
		},
	},
	{
		id: "duplicate-serials",
		what: "all phones say the same serial number to adb",
		codes: [],
		phones: 8,
		async play(round) {
			for (const handset of round.handsets) await round.plug(handset, { serial: "0123456789ABCDEF" });
			await round.passed();
			return undefined;
		},
	},
	{
		id: "sick-phones",
		what: "each phone has something wrong with it, and the card must say what",
		codes: [],
		codesOf: (handset) => codesOfFault(handset),
		phones: 12,
		more: () => ({ pauseFactor: 0.02 }),
		faults: (_, random) => [FAST_FAULTS[Math.floor(random() * FAST_FAULTS.length)]?.id ?? ""],
		async play(round) {
			await round.plugAll();
			await Promise.all(round.handsets.map((handset) => round.shows(handset, ...codesOfFault(handset))));
			return [];
		},
	},
];

/** What a handset that was started with one fault may say. */
function codesOfFault({ faults: [id] }: LabHandset): readonly FaultCode[] {
	const fault = FAST_FAULTS.find((each) => each.id === id);
	if (!fault) throw new Error(`no fault ${id}`);
	return ON_A_STATION[fault.id] ?? [fault.code, ...(fault.alsoSeen ?? [])];
}
