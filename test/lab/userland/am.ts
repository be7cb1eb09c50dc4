import { type Command, failed, out, parseOptions } from "./command.ts";

/** `am`: intents. A broadcast answers `result=0` and nothing else when no receiver ran. */
export const am: Command = (phone, argv) => {
	const [action = "", ...args] = argv.slice(1);
	const { options, rest } = parseOptions(args, ["-a", "-n", "-d", "-p", "--user", "--es", "--ei", "-f"]);
	switch (action) {
		case "get-current-user":
			return out("0");
		case "get-started-user-state": {
			const user = phone.state.users.find(({ id }) => String(id) === rest[0]);
			return user?.running ? out("RUNNING_UNLOCKED") : out(`User is not started: ${rest[0] ?? ""}`);
		}
		case "broadcast": {
			const parts = [...(options.has("-a") ? [`act=${options.get("-a")}`] : []), "flg=0x400000"];
			const target = options.get("-n");
			return out(
				`Broadcasting: Intent { ${[...parts, ...(target === undefined ? [] : [`cmp=${target}`])].join(" ")} }`,
				"Broadcast completed: result=0",
			);
		}
		case "start":
		case "start-activity": {
			const data = options.get("-d");
			// The dialler answers *#06# with the modem's identities.
			if (data !== undefined && decodeURIComponent(data) === "tel:*#06#") {
				phone.screenText = phone.state.telephony.imeis.map((imei, slot) => `IMEI${slot + 1}: ${imei}`);
			}
			return out(`Starting: Intent { ${[...options].map(([, value]) => value).join(" ")} }`);
		}
		case "set-standby-bucket": {
			const [name = "", bucket = ""] = rest;
			phone.change((state) => ({
				...state,
				standbyBuckets: { ...state.standbyBuckets, [name]: bucket },
			}));
			return out();
		}
		case "get-standby-bucket": {
			const bucket = phone.state.standbyBuckets[rest[0] ?? ""];
			return out(bucket === undefined ? "40" : (BUCKETS[bucket] ?? bucket));
		}
		case "force-stop":
		case "kill":
			return out();
		default:
			return failed(255, `Unknown command: ${action}\n`);
	}
};

const BUCKETS: Readonly<Record<string, string>> = {
	active: "10",
	working_set: "20",
	frequent: "30",
	rare: "40",
	restricted: "45",
};
