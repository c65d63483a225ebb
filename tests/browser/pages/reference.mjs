// What programs can ask for.

export const REFERENCE = [
  { name: "reference", path: "/reference" },
  { name: "reference-signed-in", as: "customer", path: "/reference" },
  { name: "reference-call", path: "/reference/showOwnToken" },
  { name: "reference-call-with-body", as: "customer", path: "/reference/decide" },
  { name: "reference-no-such-call", path: "/reference/nothing", status: 404 },
];
