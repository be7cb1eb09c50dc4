/** The command line itself makes no sense. Ends with exit code 64 and one line that says how it should read. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}
