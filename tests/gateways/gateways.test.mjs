// Each gateway, as the documentation configures it, in front of a service and of the real program.

import { after, before, describe, test } from "node:test";
import { ANSWERS } from "./answers.mjs";
import { HOSTILE } from "./hostile.mjs";
import { OUTAGES } from "./outages.mjs";
import { PACKAGED, SERVERS, isInstalled } from "./servers.mjs";
import { openStage } from "./stage.mjs";

for (const name of Object.keys(SERVERS)) {
  describe(name, { skip: !PACKAGED.includes(name) && !isInstalled(name) && "it is not installed" }, () => {
    let stage;
    before(async () => {
      stage = await openStage(name);
    });
    after(() => stage?.stop());
    for (const check of [...ANSWERS, ...HOSTILE, ...OUTAGES]) {
      test(check.name.replaceAll("_", " "), () => check(stage));
    }
  });
}
