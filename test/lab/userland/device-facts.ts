import { AGENT_PACKAGE } from "../../../proto/android-agent.ts";
import { shellUid } from "./caller.ts";
import { type Command, failed, out } from "./command.ts";

/** `id`: the shell of a phone is uid 2000, whoever runs this adbd. */
export const id: Command = (phone) =>
	out(
		shellUid(phone) === 0
			? "uid=0(root) gid=0(root) groups=0(root) context=u:r:su:s0"
			: "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid) context=u:r:shell:s0",
	);

/** `whoami`. */
export const whoami: Command = (phone) => out(shellUid(phone) === 0 ? "root" : "shell");

/** `df [-k] [PATH]`: toybox, in KiB. */
export const df: Command = (phone) => {
	const { totalKiB, freeKiB } = phone.state.storage;
	const used = totalKiB - freeKiB;
	return out(
		"Filesystem       1K-blocks     Used Available Use% Mounted on",
		`/dev/block/dm-46 ${String(totalKiB).padStart(9)} ${String(used).padStart(8)} ${String(freeKiB).padStart(9)} ${String(Math.ceil((100 * used) / totalKiB)).padStart(3)}% /data`,
	);
};

/** `uptime`. */
export const uptime: Command = (phone) => {
	const minutes = Math.floor(phone.uptimeMs() / 60_000);
	return out(
		` ${new Date(phone.nowMs()).toISOString().slice(11, 19)} up ${minutes} min,  0 users,  load average: 1.02, 0.88, 0.75`,
	);
};

/**
 * `wc -c|-l`, of standard input. Here and not the machine's own, because it is how the speed of a cable is measured: a bad
 * cable takes its time.
 */
export const wc: Command = async (phone, argv, stdin) => {
	const content = await stdin.all(phone.state.quirks.cableBytesPerSecond);
	return out(String(argv[1] === "-l" ? content.filter((byte) => byte === 10).length : content.length));
};

/** `wm size`, `wm density`. */
export const wm: Command = (_phone, argv) => out(argv[1] === "density" ? "Physical density: 440" : "Physical size: 1080x2400");

/** `uiautomator dump [FILE]`: what is on the screen, as XML. */
export const uiautomator: Command = (phone, argv) => {
	const path = argv[2] ?? "/sdcard/window_dump.xml";
	const nodes = phone.screenText.map((text, index) => `<node index="${index}" text="${text}" class="android.widget.TextView"/>`);
	const xml = `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="0">${nodes.join("")}</hierarchy>`;
	phone.files.write(path, new TextEncoder().encode(xml));
	return out(`UI hierchary dumped to: ${path}`); // AOSP's spelling
};

/** `getconf PAGE_SIZE`: Android 16 phones are the first with pages of 16 KiB. */
export const getconf: Command = (phone, argv) =>
	argv[1] === "PAGE_SIZE" || argv[1] === "PAGESIZE"
		? out(phone.state.sdk >= 36 ? "16384" : "4096")
		: failed(1, `getconf: bad '${argv[1] ?? ""}'\n`);

/** `pidof PACKAGE`. */
export const pidof: Command = (phone, argv) => {
	const runs = phone.cable !== undefined && argv[1] === AGENT_PACKAGE;
	return runs ? out("4711") : failed(1, "");
};
