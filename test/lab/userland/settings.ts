import { noService } from "./android-text.ts";
import { type Command, failed, out } from "./command.ts";
import { gate } from "./security-gate.ts";

/** `settings get|put|delete|list NAMESPACE [KEY [VALUE]]`. A key that is not set reads `null`. */
export const settings: Command = (phone, argv) => {
	const [action = "", ...rest] = argv.slice(1).filter((word, at, all) => word !== "--user" && all[at - 1] !== "--user");
	const [namespace, key, value] = rest;
	if (!phone.booted) return noService("settings");
	if (namespace !== "global" && namespace !== "secure" && namespace !== "system") {
		return failed(255, `Invalid namespace '${namespace ?? ""}'\n`);
	}
	const { [namespace]: table } = phone.state.settings;
	switch (action) {
		case "list":
			return out(
				...Object.entries(withBootCount(namespace, table, phone.state.bootCount))
					.sort(([a], [b]) => (a < b ? -1 : 1))
					.map(([name, text]) => `${name}=${text}`),
			);
		case "get":
			return out(withBootCount(namespace, table, phone.state.bootCount)[key ?? ""] ?? "null");
		case "put":
		case "delete": {
			if (key === undefined || (action === "put" && value === undefined)) return failed(255, "Bad arguments\n");
			const refused = gate(phone, action, namespace === "system" ? "WRITE_SETTINGS" : "WRITE_SECURE_SETTINGS");
			if (refused) return refused;
			const { [key]: before, ...others } = table;
			const next = action === "put" ? { ...others, [key]: value ?? "" } : others;
			phone.change((state) => ({
				...state,
				settings: { ...state.settings, [namespace]: next },
			}));
			return action === "put" ? out() : out(`Deleted ${before === undefined ? 0 : 1} rows`);
		}
		default:
			return failed(255, `Unknown command: ${action}\n`);
	}
};

function withBootCount(
	namespace: string,
	table: Readonly<Record<string, string>>,
	bootCount: number,
): Readonly<Record<string, string>> {
	return namespace === "global" ? { ...table, boot_count: String(bootCount) } : table;
}
