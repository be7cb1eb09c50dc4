import type { Handset } from "../handset.ts";
import { type Command, failed, out } from "./command.ts";

const SYSTEM_WHITELIST = ["com.android.phone", "com.google.android.gms"] as const;

/** `cmd deviceidle whitelist [+PACKAGE|-PACKAGE|=PACKAGE]...`: the doze exemptions. `=` asks whether the user's list has it. */
export const deviceidle: Command = (phone, argv) => {
	const [action, ...changes] = argv.slice(1);
	if (action !== "whitelist" && action !== "sys-whitelist") return out("mState=ACTIVE");
	if (changes.length === 0) return out(...listed(phone));
	const lines: string[] = [];
	for (const change of changes) {
		const name = change.slice(1);
		if (change.startsWith("=")) {
			lines.push(String(phone.state.dozeWhitelist.includes(name)));
			continue;
		}
		if (!phone.package(name)) return failed(255, "", `Unknown package: ${name}\n`);
		const added = change.startsWith("+");
		phone.change((state) => ({
			...state,
			dozeWhitelist: [...state.dozeWhitelist.filter((other) => other !== name), ...(added ? [name] : [])],
		}));
		lines.push(`${added ? "Added" : "Removed"}: ${name}`);
	}
	return out(...lines);
};

function listed(phone: Handset): string[] {
	const uid = (name: string) => phone.package(name)?.uid ?? 0;
	return [
		...SYSTEM_WHITELIST.map((name) => `system,${name},${uid(name)}`),
		...phone.state.dozeWhitelist.map((name) => `user,${name},${uid(name)}`),
	];
}
