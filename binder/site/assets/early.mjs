// A kernel's worker that does not wait to be asked: it starts Python at once. The build
// writes the address of the kernel's own worker into it, which then takes over.

import { startEarly } from "./start.mjs";
import "KERNEL";

startEarly().catch(console.error);
