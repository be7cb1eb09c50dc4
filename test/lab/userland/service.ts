import type { Handset } from "../handset.ts";
import { type Command, failed, out } from "./command.ts";
import { printParcel, securityExceptionParcel, stringParcel } from "./parcel.ts";

type Method =
	| "getDeviceId"
	| "getDeviceIdWithFeature"
	| "getNaiForSubscriber"
	| "getDeviceIdForPhone"
	| "getImeiForSubscriber"
	| "getDeviceSvn";

/** Transaction codes of IPhoneSubInfo move with the interface's declaration order. On Android 15 and 16 unproven. */
const METHODS: readonly {
	readonly upToSdk: number;
	readonly codes: Readonly<Record<number, Method>>;
}[] = [
	{
		upToSdk: 29,
		codes: {
			1: "getDeviceId",
			2: "getNaiForSubscriber",
			3: "getDeviceIdForPhone",
			4: "getImeiForSubscriber",
		},
	},
	{
		upToSdk: 99,
		codes: {
			1: "getDeviceId",
			2: "getDeviceIdWithFeature",
			3: "getNaiForSubscriber",
			4: "getDeviceIdForPhone",
			5: "getImeiForSubscriber",
			6: "getDeviceSvn",
		},
	},
];

/** `service call`: raw Binder transactions. Only the telephony identifiers are behind it. */
export const service: Command = (phone, argv) => {
	const [action, name, code, ...typed] = argv.slice(1);
	if (action === "check") return out(`Service ${name}: ${KNOWN.has(name ?? "") ? "found" : "not found"}`);
	if (action === "list") return out(`Found ${KNOWN.size} services:`, ...[...KNOWN].map((known, at) => `${at}\t${known}: []`));
	if (action !== "call" || name === undefined || code === undefined) {
		return failed(
			10,
			"Usage: service [-h|-?]\n       service list\n       service check SERVICE\n       service call SERVICE CODE [i32 N | s16 STR | ...] ...\n",
		);
	}
	if (!KNOWN.has(name) || !phone.booted) return failed(10, `service: Service ${name} does not exist\n`);
	if (name !== "iphonesubinfo" || phone.state.telephony.subscriberInfo === "absent") return out(NOT_KNOWN);
	return out(subscriberInfo(phone, Number(code), arguments16(typed)));
};

const KNOWN: ReadonlySet<string> = new Set([
	"activity",
	"device_policy",
	"iphonesubinfo",
	"isms",
	"package",
	"phone",
	"settings",
	"telephony.registry",
]);
/** STATUS -74, which the tool prints for a code that nobody serves. */
const NOT_KNOWN = 'Result: Parcel(Error: 0xffffffffffffffb6 "Not a data message")';

function subscriberInfo(phone: Handset, code: number, given: Arguments): string {
	const { sdk, telephony } = phone.state;
	const method = METHODS.find(({ upToSdk }) => sdk <= upToSdk)?.codes[code];
	if (method === undefined) return NOT_KNOWN;
	const perSlot = method === "getDeviceIdForPhone" || method === "getImeiForSubscriber";
	if (method === "getNaiForSubscriber" || method === "getDeviceSvn") return printParcel(stringParcel(undefined));
	// Without a package the caller is nobody: null, which the tool shows as dots.
	if (given.strings[0] === undefined && sdk >= 29) return printParcel(stringParcel(undefined));
	if (given.strings[0] !== undefined && given.strings[0] !== "com.android.shell") {
		return printParcel(securityExceptionParcel(`Package ${given.strings[0]} does not belong to 2000`));
	}
	if (telephony.subscriberInfo === "refuses") {
		const who = sdk <= 30 ? "user" : "uid";
		return printParcel(
			securityExceptionParcel(`${method}: The ${who} 2000 does not meet the requirements to access device identifiers.`),
		);
	}
	// Subscription ids count from 1, slots from 0.
	const slot = perSlot ? (given.numbers[0] ?? 0) - (method === "getImeiForSubscriber" ? 1 : 0) : 0;
	return printParcel(stringParcel(telephony.imeis[slot]));
}

interface Arguments {
	readonly numbers: readonly number[];
	readonly strings: readonly string[];
}

function arguments16(typed: readonly string[]): Arguments {
	const numbers: number[] = [];
	const strings: string[] = [];
	for (let at = 0; at + 1 < typed.length; at += 2) {
		const value = typed[at + 1] ?? "";
		if (typed[at] === "i32") numbers.push(Number(value));
		else if (typed[at] === "s16") strings.push(value);
	}
	return { numbers, strings };
}
