import { expect, it } from "vitest";
import { placeAfter } from "./council-queries";

it("names the place right after an entry, exactly, however long the journal is", () => {
  expect(placeAfter("1-48213")).toBe("1-48214");
  expect(placeAfter("2-999")).toBe("2-1000");
  expect(placeAfter("1-999999999999999998")).toBe("1-999999999999999999");
  expect(() => placeAfter("manual")).toThrow(RangeError);
});
