import { am } from "./am.ts";
import { noService } from "./android-text.ts";
import { appops } from "./appops.ts";
import { type Command, failed, out } from "./command.ts";
import { deviceidle } from "./deviceidle.ts";
import { dpm } from "./dpm.ts";
import { notification } from "./notification.ts";
import { pm } from "./pm.ts";
import { settings } from "./settings.ts";

const phoneService: Command = (_phone, argv) =>
	// The shell command of the phone service checks for root before anything else.
	argv[1] === "get-imei" ? failed(255, "Permission denied: needs root\n") : failed(255, `Unknown command: ${argv[1] ?? ""}\n`);

const role: Command = (_phone, argv) => (argv[1] === "get-role-holders" ? out("") : out());

const SERVICES: Readonly<Record<string, Command>> = {
	activity: am,
	appops,
	deviceidle,
	device_policy: dpm,
	notification,
	package: pm,
	phone: phoneService,
	role,
	settings,
	user: (phone, argv, stdin) => pm(phone, ["pm", ...argv.slice(1)], stdin),
};

/** `cmd SERVICE SUBCOMMAND ...`: the shell commands of system services. */
export const cmd: Command = (phone, argv, stdin) => {
	const [service, ...args] = argv.slice(1);
	if (service === undefined)
		return failed(
			20,
			"cmd: No service specified; use -l to list all running services. Use -w to start and wait for a service.\n",
		);
	if (service === "-l") return out("Currently running services:", ...Object.keys(SERVICES).map((name) => `  ${name}`));
	const serve = SERVICES[service];
	if (!serve || !phone.booted) return noService(service);
	// Up to Android 11 the device policy service has no shell command.
	if (service === "device_policy" && phone.state.sdk <= 30) return failed(255, "No shell command implementation.\n");
	return serve(phone, [service, ...args], stdin);
};
