export { AddressBook, type AddressBookOptions } from "./address-book.ts";
export { AddressGuess } from "./address-guess.ts";
export { type Face, Router, type Targets } from "./router.ts";
