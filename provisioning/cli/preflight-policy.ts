import { type Command, InvalidArgumentError } from "commander";

import { DEFAULT_POLICY, type PreflightPolicy } from "../handset/preflight.ts";

export interface PolicyFlags {
	readonly minPatch?: string;
	readonly minBattery?: number;
}

export function withPolicyFlags(command: Command): Command {
	return command
		.option("--min-patch <yyyy-mm-dd>", "refuse an older Android security patch", patch)
		.option("--min-battery <percent>", "refuse a lower battery", percent);
}

export function policyOf({ minPatch, minBattery }: PolicyFlags): PreflightPolicy {
	return {
		...DEFAULT_POLICY,
		...(minPatch === undefined ? {} : { minPatch }),
		...(minBattery === undefined ? {} : { minBatteryPercent: minBattery }),
	};
}

function patch(text: string): string {
	if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new InvalidArgumentError("a date such as 2025-06-01");
	return text;
}

function percent(text: string): number {
	const value = Number(text);
	if (!(value >= 0 && value <= 100)) throw new InvalidArgumentError("0 to 100");
	return value;
}
