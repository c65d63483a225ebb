// Links that are sent by mail, and asking for one. The demo sends no mail: the page says whom to ask.

export const LINKS = [
  { name: "link-over", path: "/link/000000000000aaaaaaaaaaaaaaaaaaaaaa", status: 404 },
  { name: "forgot", path: "/sign-in/forgot" },
];
