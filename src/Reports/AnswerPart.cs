using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>Greedy answers to held-out prompts, before and after.</summary>
internal static class AnswerPart
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        if (run.Samples.Count == 0)
        {
            page.Missing("The folder has no answers.jsonl. Runs with Validation write it where their files include the answers.");
            return;
        }
        (AnswerSample first, AnswerSample last) = (run.Samples[0], run.Samples[^1]);
        page.Paragraph($"Greedy answers to {last.Answers.Count} held-out prompts, at the last of {run.Samples.Count} evaluations. All of them took "
            + $"{ReportNumbers.Time(run.Samples.Sum(sample => sample.Seconds + (sample.ReferenceSeconds ?? 0)))}.");
        for (int i = 0; i < last.Answers.Count; i++)
        {
            SampledAnswer answer = last.Answers[i];
            (string name, string? before) = answer.Reference is { } reference ? ("Before: the reference", reference)
                : ($"Before: step {ReportNumbers.Count(first.Step)}", i < first.Answers.Count ? first.Answers[i].Policy : null);
            page.Markup("<h3>").Plain($"Prompt {i + 1}").Markup("</h3>\n").Block(answer.Prompt, "prompt").Markup("<div class=\"two\">\n");
            page.Markup("<div><p class=\"note\">").Plain(name).Markup("</p>\n").Block(before ?? "(none)").Markup("</div>\n");
            page.Markup("<div><p class=\"note\">")
                .Plain($"After: step {ReportNumbers.Count(last.Step)}, "
                    + $"{ReportNumbers.Count(answer.PolicyTokens)} tokens{(answer.PolicyEnded ? "" : ", cut off there")}"
                    + (before == answer.Policy ? ", the same" : ""))
                .Markup("</p>\n").Block(answer.Policy).Markup("</div>\n</div>\n");
        }
    }
}
