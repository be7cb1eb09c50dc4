/** One service of adbd, open: bytes both ways. */
export interface ServiceStream {
	/** What the phone sends, in order. Ends when the phone closes the service; may end or throw when the link is lost. Read once. */
	readonly incoming: AsyncIterable<Uint8Array>;
	/**
	 * Sends parts one after the other. Resolves when more may be sent, so a caller that awaits it holds little in memory.
	 * The parts belong to the stream until then, and are only read. Rejects when the phone closed the service.
	 */
	write(...parts: readonly Uint8Array[]): Promise<void>;
	/** Frees it at once. Harmless twice. */
	close(): void;
}

/** A way to one phone, whichever transport carries it. Nothing here has a deadline: `linked-handset.ts` sees to that. */
export interface ServiceLink {
	/** Features that both ends of the link have: `shell_v2`, ... */
	readonly features: ReadonlySet<string>;
	/**
	 * Opens a service. May stay open for ever on a frozen phone; {@link destroy} ends it.
	 *
	 * @throws {ServiceRefusedError} if the phone, or the server before it, says no.
	 */
	open(service: string): Promise<ServiceStream>;
	/** Calls back once, when the link is lost, however; with what is known of the reason. */
	onLost(callback: (why: LinkLoss) => void): void;
	/** Frees everything, also of a frozen phone: no socket, no timer stays. Harmless twice. */
	destroy(): void;
}

/** Why a link ended: the phone left it, or the adb server did. */
export type LinkLoss = "USB_LOST" | "ADB_SERVER_GONE";

/** Phone or server said no. */
export class ServiceRefusedError extends Error {
	override readonly name = "ServiceRefusedError";
}
