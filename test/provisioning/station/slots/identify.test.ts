import { describe, expect, it } from "vitest";
import { faultError } from "../../../../provisioning/handset/fault.ts";
import type { HandsetPort } from "../../../../provisioning/handset/port.ts";
import { identify } from "../../../../provisioning/station/slots/identify.ts";
import type { Handset } from "../../../lab/handset.ts";
import { testPhone } from "../../../lab/test-phone.ts";
import { NO_STDIN } from "../../../lab/userland/command.ts";
import { runCommand } from "../../../lab/userland/commands.ts";
import { fakePort } from "../../handset/fake-port.ts";

/** A port straight to a virtual phone's commands, words as they are. */
function portOf(phone: Handset): HandsetPort {
	return {
		...fakePort(() => undefined),
		async shell(args) {
			const reply = await runCommand(phone, args, NO_STDIN);
			if (!reply) throw faultError("USB_LOST");
			return { stdout: String(reply.stdout), stderr: reply.stderr, exitCode: reply.exitCode };
		},
	};
}

describe("identify", () => {
	it("shows the slot's number in the shade, and switches the screen on", async () => {
		const phone = testPhone();
		expect(await identify(portOf(phone), { slot: 12 })).toEqual({ screenWoken: true });
		expect([...phone.notifications.values()]).toEqual([
			{ tag: "holdfast-slot", title: "Slot 12", text: "This phone is in slot 12" },
		]);
	});

	it("replaces what it showed before", async () => {
		const phone = testPhone();
		await identify(portOf(phone), { slot: 12 });
		await identify(portOf(phone), { slot: 13 });
		expect([...phone.notifications.values()].map(({ title }) => title)).toEqual(["Slot 13"]);
	});

	it("shows it all the same where Xiaomi's gate refuses the key press", async () => {
		const phone = testPhone({ faults: ["security-toggle-off"] });
		expect(await identify(portOf(phone), { slot: 3 })).toEqual({ screenWoken: false });
		expect(phone.notifications.size).toBe(1);
	});

	it.each([
		["Android 9, which does not know the command", { change: (state: object) => ({ ...state, sdk: 28 }) }],
		["a phone that swallows the message", { change: (state: object) => ({ ...state, quirks: { notificationsSilenced: true } }) }],
		["a phone in its first set-up", { change: (state: object) => ({ ...state, quirks: { foyer: true } }) }],
	])("is a fault on %s", async (_name, options) => {
		// Of the fields that a test changes, each is of the state's own type.
		const phone = testPhone(options as Parameters<typeof testPhone>[0]);
		await expect(identify(portOf(phone), { slot: 3 })).rejects.toMatchObject({
			fault: { code: "SLOT_NOT_SHOWN", details: { slot: "3" }, fixer: "operator" },
		});
	});

	it("does not take an error for a success, although the phone ends it with 0", async () => {
		const port = fakePort(() => "Error occurred. Check logcat for details. null\n");
		await expect(identify(port, { slot: 3 })).rejects.toMatchObject({ fault: { code: "SLOT_NOT_SHOWN" } });
	});

	it("passes a lost link on, and does not when the number was shown already", async () => {
		const gone = { ...fakePort(() => ""), shell: async () => Promise.reject(faultError("USB_LOST")) };
		await expect(identify(gone, { slot: 3 })).rejects.toMatchObject({ fault: { code: "USB_LOST" } });
		const phone = testPhone({ faults: ["unplug:atCommand=2"] });
		expect(await identify(portOf(phone), { slot: 3 })).toEqual({ screenWoken: false });
	});
});
