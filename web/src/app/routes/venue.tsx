import { VenueView } from "../../features/venue/venue-view";

/** Where orders go: how the venue is, what is wrong there, and every order. */
export default function VenuePage() {
  return (
    <>
      <title>Venue · Quorate</title>
      <h1 className="pt-2 text-lg font-semibold">Venue</h1>
      <VenueView />
    </>
  );
}
