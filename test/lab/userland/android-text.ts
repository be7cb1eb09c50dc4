import { failed, type Reply } from "./command.ts";

/** An exception of the system server as it reaches the shell. */
export interface Thrown {
	/** Class, such as `java.lang.SecurityException`. */
	readonly type: string;
	readonly message: string;
	/** Top frames of the stack, without `at`. */
	readonly frames: readonly string[];
}

const BINDER_FRAMES = [
	"com.android.modules.utils.BasicShellCommandHandler.exec(BasicShellCommandHandler.java:97)",
	"android.os.ShellCommand.exec(ShellCommand.java:38)",
	"android.os.Binder.shellCommand(Binder.java:1092)",
	"android.os.Binder.onTransact(Binder.java:912)",
	"android.os.Binder.execTransactInternal(Binder.java:1344)",
	"android.os.Binder.execTransact(Binder.java:1275)",
];

/** How a command that runs inside the system server reports an exception (BasicShellCommandHandler, Android 11 and later). */
export function serviceException(subcommand: string, { type, message, frames }: Thrown): Reply {
	const stack = [...frames, ...BINDER_FRAMES].map((frame) => `\tat ${frame}\n`).join("");
	return failed(255, `\nException occurred while executing '${subcommand}':\n${type}: ${message}\n${stack}`);
}

/** How a command that is a program of its own (`app_process`) reports an exception of the system server. */
export function programException({ type, message, frames }: Thrown): Reply {
	const stack = [
		"android.os.Parcel.createExceptionOrNull(Parcel.java:2373)",
		"android.os.Parcel.createException(Parcel.java:2357)",
		"android.os.Parcel.readException(Parcel.java:2340)",
		...frames,
		"com.android.internal.os.BaseCommand.run(BaseCommand.java:60)",
		"com.android.internal.os.RuntimeInit.nativeFinishInit(Native Method)",
		"com.android.internal.os.RuntimeInit.main(RuntimeInit.java:399)",
	];
	return failed(1, `${type}: ${message}\n${stack.map((frame) => `\tat ${frame}\n`).join("")}`);
}

/** `pkg/.Recv` as `pkg/pkg.Recv`: what `ComponentName.flattenToString` prints. */
export function longComponent(component: string): string {
	const [packageName = "", name = ""] = component.split("/");
	return `${packageName}/${name.startsWith(".") ? packageName + name : name}`;
}

/** `ComponentName.flattenToShortString`: the package is left out of the class where it can be. */
export function shortComponent(component: string): string {
	const [packageName = "", name = ""] = longComponent(component).split("/");
	return `${packageName}/${name.startsWith(`${packageName}.`) ? name.slice(packageName.length) : name}`;
}

/** `ComponentName.toString`. */
export function componentInfo(component: string): string {
	return `ComponentInfo{${longComponent(component)}}`;
}

/** The shell's own words for a command that is not there, or may not be reached (exit code 127). */
export function inaccessible(name: string): Reply {
	return failed(127, `/system/bin/sh: ${name}: inaccessible or not found\n`);
}

/** `cmd` without the service behind it. */
export function noService(name: string): Reply {
	return failed(20, `cmd: Can't find service: ${name}\n`);
}
