import { FAULTS } from "../lab/faults.ts";
import { anyStep, LINK, some, type Trouble } from "./trouble.ts";

/** Played elsewhere one by one: they take a link's whole deadline, unplug themselves, or need another Android. */
const SLOW = new Set([
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
]);
const FAST_FAULTS = FAULTS.filter(
	({ id, seenBy, minSdk }) => (seenBy === "doctor" || seenBy === "enroll") && minSdk === undefined && !SLOW.has(id),
);

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
		codes: LINK,
		phones: 12,
		async play(round) {
			await round.plugAll();
			const { hub } = round.its;
			await Promise.all(
				round.handsets.map(async (handset) => {
					await round.atStep(handset, anyStep(round));
					if (!hub.usbPaths.includes(round.portOf(handset))) return;
					hub.unplug(round.portOf(handset));
					hub.plug(handset, round.portOf(handset));
				}),
			);
			await round.passed();
			return undefined;
		},
	},
	{
		id: "unplug-other-port",
		what: "the same phone goes on in another port",
		codes: LINK,
		phones: 12,
		async play(round) {
			await round.plugAll();
			const { hub } = round.its;
			await Promise.all(
				round.handsets.map(async (handset, index) => {
					await round.atStep(handset, anyStep(round));
					if (hub.usbPaths.includes(round.portOf(handset))) hub.move(round.portOf(handset), `2-1.${index + 1}`);
				}),
			);
			await round.passed();
			return undefined;
		},
	},
	{
		id: "cable-knocked",
		what: "the link is lost and back at once, twice",
		codes: LINK,
		phones: 12,
		async play(round) {
			await round.plugAll();
			const { hub } = round.its;
			await Promise.all(
				round.handsets.map(async (handset) => {
					for (const step of [2, anyStep(round)]) {
						await round.atStep(handset, step);
						if (hub.usbPaths.includes(round.portOf(handset))) hub.drop(round.portOf(handset));
					}
				}),
			);
			await round.passed();
			return undefined;
		},
	},
	{
		id: "hub-unplugged",
		what: "a hub with 16 phones at work is unplugged and plugged in again",
		codes: LINK,
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
		codes: LINK,
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
		codes: FAST_FAULTS.flatMap(({ code, alsoSeen = [] }) => [code, ...alsoSeen]),
		phones: 12,
		more: () => ({ pauseFactor: 0.02 }),
		faults: (_, random) => [FAST_FAULTS[Math.floor(random() * FAST_FAULTS.length)]?.id ?? ""],
		async play(round) {
			await round.plugAll();
			await Promise.all(
				round.handsets.map((handset) => {
					const fault = FAST_FAULTS.find(({ id }) => id === handset.faults[0]);
					return fault && round.shows(handset, fault.code, ...(fault.alsoSeen ?? []));
				}),
			);
			return [];
		},
	},
];
