import { Link, useParams } from "react-router";
import { PromptView } from "../../features/prompts/prompt-view";
import { ChevronIcon } from "../../ui/icons";

/** What models were asked, word for word. */
export default function PromptPage() {
  const digest = useParams()["digest"] ?? "";
  return (
    <>
      <title>Prompt · Quorate</title>
      <div className="flex flex-wrap items-center gap-x-2 pt-2">
        <Link to="/council" className="text-accent underline underline-offset-4">
          Council
        </Link>
        <ChevronIcon className="size-3 text-ink-3" />
        <h1 className="text-lg font-semibold">Prompt</h1>
      </div>
      <PromptView digest={digest} />
    </>
  );
}
