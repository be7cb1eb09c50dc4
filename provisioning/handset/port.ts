/** What a command on the phone said and how it ended. Text is UTF-8 with invalid bytes replaced. */
export interface ShellResult {
	readonly stdout: string;
	readonly stderr: string;
	/** 0-255. 255 is what Android's `cmd` gives for an exception. */
	readonly exitCode: number;
}

export interface CallOptions {
	/** How long the phone may take, in milliseconds; then the link is given up and LINK_STALLED is thrown. Default 15,000. */
	readonly deadlineMs?: number;
	/** Ends this one call early; the link stays. */
	readonly signal?: AbortSignal;
}

export interface TransferOptions extends CallOptions {
	/** Called with the bytes sent so far. */
	readonly onProgress?: (sentBytes: number) => void;
}

/**
 * One handset at the other end of a cable: all that a procedure may know of it. Every call has a deadline and loses a race
 * against {@link HandsetPort.gone}; both end in a `FaultError`. After `gone` every call fails at once.
 */
export interface HandsetPort {
	/** Name under which the transport knows the handset: adb serial, or host:port. Not proof of identity. */
	readonly adbSerial: string;
	/** USB path such as `1-4.2` where the transport knows one: names the slot. */
	readonly usbPath?: string;
	/** Features of adb that both ends have (`shell_v2`, ...), where the transport tells. */
	readonly features?: ReadonlySet<string>;
	/**
	 * Runs one command. Every argument is quoted for the phone's shell, so nothing in it is interpreted.
	 *
	 * @throws {FaultError} USB_LOST, LINK_STALLED.
	 */
	shell(args: readonly string[], options?: CallOptions & { readonly stdin?: Uint8Array }): Promise<ShellResult>;
	/**
	 * Runs a script of our own in the phone's `sh`: many reads in one round trip. Never built from outside text.
	 *
	 * @throws {FaultError} USB_LOST, LINK_STALLED.
	 */
	script(text: string, options?: CallOptions & { readonly stdin?: Uint8Array }): Promise<ShellResult>;
	/**
	 * Writes a file on the phone.
	 *
	 * @param mode permission bits, default 0o644.
	 * @throws {FaultError} USB_LOST, TRANSFER_STALLED, PUSH_REFUSED.
	 */
	push(remotePath: string, content: Uint8Array, options?: TransferOptions & { readonly mode?: number }): Promise<void>;
	/**
	 * Streams an APK into `cmd package install`. The phone's verdict is the result, whatever became of the stream.
	 *
	 * @param args options of `pm install` other than `-S`.
	 * @throws {FaultError} USB_LOST, TRANSFER_STALLED.
	 */
	install(apk: Uint8Array, args: readonly string[], options?: TransferOptions): Promise<ShellResult>;
	/** Resolves when the link is lost, however: unplugged, rebooted, debugging switched off, deadline missed, closed. Never rejects. */
	readonly gone: Promise<void>;
	/** Frees everything, also of a frozen phone. Never throws. */
	close(): Promise<void>;
}
