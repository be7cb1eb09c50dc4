import { shellUid } from "./caller.ts";
import { type Command, failed, out } from "./command.ts";

const USAGE =
	"usage: cmd notification post [flags] <tag> <text>\n\nflags:\n  -h|--help\n  -v|--verbose\n  -t|--title <text>\n  -i|--icon <iconspec>\n  -I|--large-icon <iconspec>\n  -S|--style <style> [styleargs]\n  -c|--content-intent <intentspec>";

/**
 * `cmd notification post`, as AOSP's NotificationShellCmd: for the shell and root alone, and 0 whatever came of it. Android 9 has the
 * service and not this command.
 */
export const notification: Command = (phone, argv) => {
	const [action = "", ...words] = argv.slice(1);
	if ((action !== "post" && action !== "notify") || phone.state.sdk < 29) return failed(255, "", `Unknown command: ${action}\n`);
	let title = "";
	let verbose = false;
	while (words[0]?.startsWith("-")) {
		const option = words.shift();
		if (option === "-v" || option === "--verbose") verbose = true;
		else if (option === "-t" || option === "--title") {
			const next = words.shift();
			if (next === undefined) return out(`Error occurred. Check logcat for details. Argument expected after "${option}"`);
			title = next;
		} else return out(USAGE);
	}
	const [tag, text] = words;
	if (tag === undefined || text === undefined) return out(USAGE);
	const from = shellUid(phone) === 0 ? "root" : "com.android.shell";
	const posting = `posting:\n  Notification(channel=shell_cmd shortcut=null contentView=null vibrate=null sound=null defaults=0x0 flags=0x0 color=0x00000000 vis=PRIVATE)`;
	if (phone.state.quirks.notificationsSilenced === true)
		return out(posting, ...(verbose ? ["warning: couldn't find notification after enqueueing"] : []));
	phone.notifications.set(tag, { tag, title, text });
	const key = `0|${from}|2020|${tag}|${shellUid(phone)}`;
	return out(
		posting,
		...(verbose
			? ["posted: ", `  NotificationRecord(0x0c0ffee: pkg=${from} user=UserHandle{0} id=2020 tag=${tag} importance=3 key=${key})`]
			: []),
	);
};
