/**
 * Waits for work, but not for ever. The work itself is not stopped.
 *
 * @throws what `late` makes, after so many milliseconds; what the work throws.
 */
export async function within<Value>(deadlineMs: number, work: Promise<Value>, late: () => Error): Promise<Value> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const over = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(late()), deadlineMs);
	});
	try {
		return await Promise.race([work, over]);
	} finally {
		clearTimeout(timer);
	}
}
