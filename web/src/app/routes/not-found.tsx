import { Link } from "react-router";
import { Empty } from "../../ui/states";

export function NotFound() {
  return (
    <>
      <title>Nothing here · Quorate</title>
      <h1 className="sr-only">Nothing here</h1>
      <Empty title="There is no page at this address">
        <Link to="/" className="text-accent underline underline-offset-4">
          Go to the desk
        </Link>
      </Empty>
    </>
  );
}
