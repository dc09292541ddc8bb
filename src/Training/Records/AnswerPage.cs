using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Answers over a run as Markdown: for each prompt the reference's answer, and the policy's wherever it changed.</summary>
internal static class AnswerPage
{
    private const int MostChanges = 20;

    /// <summary>The page's bytes.</summary>
    public static byte[] Of(IReadOnlyList<AnswerSample> samples)
    {
        StringBuilder text = new("# Answers\n\n");
        AnswerSample last = samples[^1];
        text.Append(CultureInfo.InvariantCulture, $"Greedy answers to the same {last.Answers.Count} held-out prompts, at {samples.Count} evaluations up to ");
        text.Append(CultureInfo.InvariantCulture, $"step {last.Step}. They took {samples.Sum(sample => sample.Seconds):0.0} s in all");
        if (samples.Sum(sample => sample.ReferenceSeconds ?? 0) is > 0 and var reference)
            text.Append(CultureInfo.InvariantCulture, $", and the reference's {reference:0.0} s");
        text.Append(".\n");
        for (int i = 0; i < last.Answers.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## Prompt {i + 1}\n\n");
            Quote(text, last.Answers[i].Prompt);
            if (last.Answers[i].Reference is { } answer)
            {
                text.Append("\n**Reference**\n\n");
                Quote(text, answer);
            }
            Policy(text, [.. samples.Where(sample => i < sample.Answers.Count).Select(sample => (sample.Step, sample.Answers[i]))]);
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Policy(StringBuilder text, (long Step, SampledAnswer Answer)[] answers)
    {
        (long Step, SampledAnswer Answer)[] changes = [.. answers.Where((answer, i) => i == 0 || answer.Answer.Policy != answers[i - 1].Answer.Policy)];
        if (changes.Length > MostChanges)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{changes.Length - MostChanges} earlier changes are in `{AnswerLog.FileName}`.\n");
            changes = changes[^MostChanges..];
        }
        foreach ((long step, SampledAnswer answer) in changes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n**Step {step}**, {answer.PolicyTokens} tokens{(answer.PolicyEnded ? "" : ", cut off")}\n\n");
            Quote(text, answer.Policy);
        }
        if (answers[^1].Step != changes[^1].Step)
            text.Append(CultureInfo.InvariantCulture, $"\nThe same until step {answers[^1].Step}.\n");
    }

    // indented, so that nothing in it is Markdown or HTML; no fence can be closed from within
    private static void Quote(StringBuilder text, string content)
    {
        foreach (string line in content.ReplaceLineEndings("\n").Split('\n'))
            text.Append("    ").Append(line).Append('\n');
    }
}
