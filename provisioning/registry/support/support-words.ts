import type { Finding } from "./support-request.ts";

/** What an agent hears of a contract, by its code. `{name}` stands for a value. */
const WORDS = {
	"books-paid": ["good", "By the books it is paid until {until}."],
	"books-due": ["bad", "By the books it is not paid since {until}. {amountMinor} (minor units of {currency}) are due."],
	"books-closed": ["good", "The contract is closed ({state}). The phone is free, or frees itself with its next contact."],
	"last-payment": ["plain", "The last payment, {reference}, was booked at {at}."],
	"no-payment": ["warn", "No payment was ever booked."],
	"phone-none": ["warn", "No phone has reported itself under this contract."],
	"phone-heard": ["plain", "The phone was last heard of at {at}; then it was {standing}."],
	"phone-silent": ["warn", "The phone was not heard of for {hours} hours: it has no connection, or it is off."],
	"phone-behind": ["bad", "The phone still believes that it is paid until {until}: it has not heard of the payment."],
	"phone-untold": ["warn", "The phone has not yet said until when it is paid: it may not have heard of the payment."],
	"phone-locked": ["bad", "The phone is locked ({causes})."],
	"phone-free": ["good", "The phone was not locked when it was last heard of."],
	"cause-offline": ["warn", "It is locked because it had no contact for too long. Any connection, or a contact code, opens it."],
	"cause-ordered": ["warn", "It is locked by an order, for: {reason}."],
	"orders-waiting": ["warn", "{count} orders wait for its next contact."],
	"hold-in-force": ["plain", "A hold ({kind}) is in force until {until}: nothing new is locked."],
	"feed-stale": ["warn", "There is no news of the payment feed, or new locks are paused: a payment may be missing here."],
	"wrongful-minutes": ["bad", "The phone counted {minutes} minutes that it was locked wrongly."],
	"wrongful-none": ["plain", "The phone counted no minutes that it was locked wrongly."],
	"code-refused": ["warn", "No code was made: {why}"],

	"did-extend": ["good", "The unlock was sent again: paid until {until}."],
	"did-wait": ["plain", "The unlock waits for the phone already; it was not sent twice."],
	"did-restore": ["good", "The lock by order was lifted."],
	"did-hold": ["good", "Nothing new is locked until {until}."],
	"did-appeal": ["good", "The appeal is open until {until}. Until then no order locks this phone."],
	"did-apologise": ["good", "An apology was sent to the phone's screen."],
	"did-close-appeal": ["good", "The appeal was closed: {outcome}."],
	"did-return": ["good", "The contract ended as returned. Certificate {certificateId}."],
	"did-code": ["good", "A code was made for {days} days."],
	"did-nothing": ["plain", "Nothing was changed."],

	"tell-connect": ["plain", "Connect the phone to Wi-Fi or mobile data. On the lock screen, tap to check for the payment now."],
	"tell-within": ["plain", "With a connection it opens within {minutes} minutes at the latest."],
	"tell-code": ["plain", "Without a connection: enter the code on the lock screen."],
	"tell-ask-number": ["plain", "Without a connection: read me the eight digits of the request number on the lock screen."],
	"tell-pay": [
		"plain",
		"{amountMinor} (minor units of {currency}) are due since {until}. Paid by another way? Send us the reference.",
	],
	"tell-emergency": [
		"plain",
		"Emergency calls, incoming calls and our line always work. Emergency passes open the phone: {passes} a year.",
	],
	"tell-hold": ["plain", "Until {until} your phone will not be locked. If the money has not come by then, call us."],
	"tell-hold-lifts-nothing": [
		"warn",
		"The hold keeps new locks away; it does not open a phone that is locked. It opens when the money is booked.",
	],
	"tell-sorry": ["plain", "We are sorry. Your appeal is open until {until}, and no order locks your phone before it is decided."],
	"tell-minutes": [
		"plain",
		"Your phone counted {minutes} minutes of wrong lock. They stand in your record, which you can export.",
	],
	"tell-decided-upheld": ["plain", "You were right, and we are sorry. The time of the wrong lock is counted in your record."],
	"tell-decided-rejected": ["plain", "We could not uphold the appeal: {note}. You can still dispute it."],
	"tell-hold-stays": ["plain", "The hold on the phone ends by itself; nobody can shorten it."],
	"tell-overdue-stays": ["warn", "The lock for overdue payment opens when the missing payment is booked."],
	"tell-return-keep": [
		"plain",
		"Save your photos and messages, sign out of your accounts, and take out the SIM. Nothing is erased by us.",
	],
	"tell-return-free": [
		"plain",
		"The phone frees itself with its next contact. Without one, a technician frees it by cable or with the release code.",
	],
	"tell-return-certificate": [
		"plain",
		"Your certificate is {certificateId}. Keep it: it says that nothing more is owed for this phone's lock.",
	],
} as const satisfies Record<string, readonly [Finding["tone"], string]>;

export type FindingCode = keyof typeof WORDS;

/** A finding with its words. A value whose name ends in `until` or is `at` is a time: seconds since 1970-01-01T00:00:00Z. */
export function finding(code: FindingCode, values: Readonly<Record<string, string | number>> = {}): Finding {
	const [tone, words] = WORDS[code];
	const text = words.replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = values[name] ?? "";
		return typeof value === "number" && (name === "until" || name === "at")
			? `${new Date(value * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`
			: String(value);
	});
	return { code, tone, text, values: { ...values } };
}

/** Shown on a phone that may have been locked in error, by language. */
const APOLOGY: Readonly<Record<string, string>> = {
	en: "We are sorry. This phone may have been locked in error. We are looking into it, and it will not be locked meanwhile.",
	es: "Lo sentimos. Es posible que este teléfono se haya bloqueado por error. Lo estamos revisando y no se bloqueará mientras tanto.",
	pt: "Pedimos desculpa. Este telefone pode ter sido bloqueado por engano. Estamos verificando e ele não será bloqueado enquanto isso.",
	hi: "हमें खेद है। यह फ़ोन शायद ग़लती से लॉक हुआ। हम जाँच कर रहे हैं और तब तक इसे लॉक नहीं किया जाएगा।",
	id: "Kami mohon maaf. Ponsel ini mungkin terkunci karena kesalahan. Kami sedang memeriksanya dan ponsel tidak akan dikunci sementara itu.",
	sw: "Samahani. Huenda simu hii ilifungwa kimakosa. Tunachunguza, na haitafungwa kwa sasa.",
};

/** The apology in those of a contract's languages that there are, else in English. */
export function apologies(languages: readonly string[]): { language: string; text: string }[] {
	const texts = languages.flatMap((language) => {
		const text = APOLOGY[language.toLowerCase().split("-")[0] ?? ""];
		return text === undefined ? [] : [{ language, text }];
	});
	return texts.length > 0 ? texts.slice(0, 8) : [{ language: "en", text: APOLOGY["en"] ?? "" }];
}
