/** Exit codes of scripts/build-apk: 1 sources or gates, 8 no toolchain to be had here, 64 usage. */
export type BuildExitCode = 1 | 8 | 64;

/** Why there is no APK, in words for whoever typed the command. */
export class BuildError extends Error {
	override readonly name = "BuildError";

	constructor(
		readonly exitCode: BuildExitCode,
		message: string,
	) {
		super(message);
	}
}
