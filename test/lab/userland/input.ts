import { type Command, failed, out } from "./command.ts";
import { gate } from "./security-gate.ts";

/** `input tap|swipe|keyevent|text ...`: needs INJECT_EVENTS, which Xiaomi's gate guards. */
export const input: Command = (phone, argv) => {
	const action = argv[1];
	if (action === undefined) return failed(255, "Error: Invalid arguments for command: \n");
	return gate(phone, action, "INJECT_EVENTS") ?? out();
};
