using System.Globalization;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>Says what a diagnosis of texts found, why it matters, and what to do.</summary>
internal sealed class TextFindings(TextDiagnosis found, DiagnosisSettings settings)
{
    /// <summary>The findings, the gravest kinds first.</summary>
    public IEnumerable<DiagnosisFinding> All() => ((DiagnosisFinding?[])
    [
        Leak(), NearLeak(), Contradictions(), Identical(), WithoutPrompt(), Duplicates(), NearDuplicates(), LengthBias(),
            .. found.Formats.Where(bias => BiasTally.Tells(bias, settings.BiasLimit)).Select(FormatBias),
    ]).OfType<DiagnosisFinding>();

    private DiagnosisFinding? Leak() => Pairs(
        DiagnosisFindingKind.PromptLeak, found.Leaks, found.HeldOut
            ?? 0, "{0} held-out {1} {2} a prompt that is trained on", Are("has", "have"), "held-out {0} = training {1}",
        "What the model has learnt by heart is taken for what it can do: the held-out accuracy is one that new prompts do not get.",
        "Split by prompt, with mlContext.Preferences.TrainTestSplit, which keeps a prompt on one side; or leave these pairs out of either set.");

    private DiagnosisFinding? NearLeak() => Resembling(
        DiagnosisFindingKind.NearPromptLeak, found.NearLeaks, found.HeldOut
            ?? 0, "{0} held-out {1} {2} nearly a prompt that is trained on", Are("has", "have"), "held-out {0} ~ training {1} ({2})",
        "The prompts differ in few words, so that the held-out accuracy is partly that of prompts learnt by heart.",
        "Look at the examples. Where they ask the same, leave them out of one of the sets.");

    private DiagnosisFinding? Contradictions() => Pairs(
        DiagnosisFindingKind.Contradictions, found.Repetitions.Contradictions, found.Pairs, "{0} {1} {2} an earlier pair with its sides swapped",
            Are("is", "are"), "{0} contradicts {1}",
        "The one says that the first answer is better, the other that it is worse. They undo each other, at the cost of steps, and no model can get both "
            + "right.",
        "Keep the one that is meant, or neither. Where judges do disagree, PreferenceLoss.Sigmoid(labelSmoothing) takes that into account.");

    private DiagnosisFinding? Identical() => Lines(
        DiagnosisFindingKind.IdenticalSides, found.Repetitions.Identical, "{0} {1} {2} the same chosen and rejected side", Are("has", "have"),
        "There is nothing to prefer: the margin is 0 whatever is learnt. Training leaves such pairs out, and the set is smaller than it looks.",
        "Remove them, and look at how they came to be.");

    private DiagnosisFinding? WithoutPrompt() => Lines(
        DiagnosisFindingKind.NoSharedPrompt, found.Repetitions.WithoutPrompt, "{0} {1} {2} sides that share no prompt", Are("has", "have"),
        "The sides answer different questions, or part before an answer: what is compared is then the prompts, too.",
        "Mend the rows so that both sides begin with the same messages and part at an answer, or remove them.");

    private DiagnosisFinding? Duplicates() => Pairs(
        DiagnosisFindingKind.ExactDuplicates, found.Repetitions.Duplicates, found.Pairs, "{0} {1} {2} an earlier one exactly",
            Are("repeats", "repeat"), "{0} = {1}",
        "Pairs that come twice count twice, and after a split by row they are in both sets.",
        "Keep one of each; where one is to count more, give it a Weight.");

    private DiagnosisFinding? NearDuplicates() => Resembling(
        DiagnosisFindingKind.NearDuplicates, found.NearDuplicates, found.Pairs, "{0} {1} nearly {2} another one, in prompt and both answers",
            Are("repeats", "repeat"), "{0} ~ {1} ({2})",
        "They say the same in nearly the same words, so that the set is smaller than it looks, and a split by row puts them in both sets.",
        "Look at the examples: the number is the share of runs of three words in common. Keep one of each where they are copies.");

    private DiagnosisFinding? LengthBias()
    {
        LengthBias bias = found.Length;
        if (!BiasTally.Tells(bias, settings.BiasLimit))
            return null;
        string which = bias.LongerIsChosen >= 0.5 ? "longer" : "shorter";
        long count = bias.LongerIsChosen >= 0.5 ? bias.ChosenLonger : bias.RejectedLonger;
        return new DiagnosisFinding(
            DiagnosisFindingKind.LengthBias,
            Say($"the {which} answer is the chosen one in {count} of {bias.Pairs} pairs; the length alone tells {bias.Accuracy:P1} of the labels"),
            count, (double)count / bias.Pairs, bias.Lines, Texts(bias.Lines),
            $"To write {(which == "longer" ? "more" : "less")} is then the easiest thing to learn, and a held-out accuracy of {Say($"{bias.Accuracy:P0}")} "
                + $"says nothing about the answers' quality.",
            "Add pairs that go the other way, or weigh them up (Weight). LogProbReduction.Mean compares answers per token. Watch the answers' length in the "
                + "evaluations.");
    }

    private DiagnosisFinding FormatBias(FormatBias bias)
    {
        long count = Math.Max(bias.ChosenHasMore, bias.RejectedHasMore);
        string side = bias.MoreIsChosen ? "chosen" : "rejected";
        bool isPhrase = bias.Feature.Contains('"');
        string what = isPhrase ? $"the answer that {bias.Feature} is the {side} one" : $"{bias.Feature}: the answer with more is the {side} one";
        return new DiagnosisFinding(
            DiagnosisFindingKind.FormatBias, Say($"{what} in {count} of the {bias.Differing} pairs that differ in it ({bias.Accuracy:P1})"), count,
                (double)count / bias.Pairs, bias.Lines, Texts(bias.Lines),
            "A mark that an answer bears is easier to learn than what makes it good; a model can get the pairs right by the mark alone.",
            bias.MoreIsChosen ? "Where the form is not what is to be learnt, write the rejected answers in the same form, or add pairs that go the other way."
                : "Look at where the rejected answers come from. Where they are of another kind than the model's own, little is to be learnt from them.");
    }

    private DiagnosisFinding? Pairs(
        DiagnosisFindingKind kind, IReadOnlyList<(long Line, long Earlier)> pairs, long of, string summary, (string One, string Many) verb, string example,
            string why, string remedy) => pairs.Count == 0 ? null : new(
        kind, Summary(summary, pairs.Count, of, verb), pairs.Count, (double)pairs.Count / of, [.. pairs.Take(settings.Examples).Select(pair => pair.Line)],
        [.. pairs.Take(settings.Examples).Select(pair => string.Format(CultureInfo.InvariantCulture, example, pair.Line, pair.Earlier))], why, remedy);

    private DiagnosisFinding? Resembling(
        DiagnosisFindingKind kind, IReadOnlyList<Resemblance> pairs, long of, string summary, (string One, string Many) verb, string example, string why,
            string remedy) => pairs.Count == 0 ? null : new(
        kind, Summary(summary, pairs.Count, of, verb), pairs.Count, (double)pairs.Count / of, [.. pairs.Take(settings.Examples).Select(pair => pair.Line)],
        [.. pairs.Take(settings.Examples).Select(pair =>
            string.Format(CultureInfo.InvariantCulture, example, pair.Line, pair.Earlier, pair.Similarity.ToString("F2", CultureInfo.InvariantCulture)))],
        why, remedy);

    private DiagnosisFinding? Lines(DiagnosisFindingKind kind, IReadOnlyList<long> lines, string summary, (string One, string Many) verb, string why,
        string remedy) => lines.Count == 0 ? null : new(
        kind, Summary(summary, lines.Count, found.Pairs, verb), lines.Count, (double)lines.Count / found.Pairs, [.. lines.Take(settings.Examples)],
        Texts([.. lines.Take(settings.Examples)]), why, remedy);

    private static string[] Texts(IReadOnlyList<long> lines) => [.. lines.Select(line => line.ToString(CultureInfo.InvariantCulture))];

    private static (string One, string Many) Are(string one, string many) => (one, many);

    private static string Summary(string format, long count, long of, (string One, string Many) verb)
    {
        string number = count.ToString("N0", CultureInfo.InvariantCulture);
        string told = count == 1
            ? string.Format(CultureInfo.InvariantCulture, format, number, "pair", verb.One)
            : string.Format(CultureInfo.InvariantCulture, format, number, "pairs", verb.Many);
        return Say($"{told} ({(double)count / of:P1})");
    }

    private static string Say(FormattableString text) => FormattableString.Invariant(text);
}
